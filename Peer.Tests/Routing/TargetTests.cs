using CsCheck;
using Peer.Protocol.Routing;

namespace Peer.Tests.Routing;

/// <summary>Godot's target peer, and the IDs that it names.</summary>
public sealed class TargetTests
{
    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(0, int.MaxValue, true)]
    [InlineData(5, 5, true)]
    [InlineData(5, 6, false)]
    [InlineData(-5, 5, false)]
    [InlineData(-5, 6, true)]
    [InlineData(1, 1, true)]
    [InlineData(-1, 1, false)]
    [InlineData(int.MinValue, int.MaxValue, true)]
    [InlineData(int.MinValue, 1, true)]
    [InlineData(-int.MaxValue, int.MaxValue, false)]
    public void A_target_reaches(int target, int peer, bool reaches) => Assert.Equal(reaches, Target.Reaches(target, peer));

    [Fact]
    public void A_target_and_its_opposite_share_every_peer_between_them() =>
        Gen.Select(Gen.Int[1, int.MaxValue], Gen.Int[1, int.MaxValue]).Sample((target, peer) =>
        {
            Assert.NotEqual(Target.Reaches(target, peer), Target.Reaches(-target, peer));
            Assert.True(Target.Reaches(target, target));
            Assert.Equal(target, Target.Named(target));
            Assert.Equal(target, Target.Named(-target));
        });

    [Fact]
    public void The_smallest_integer_names_nobody_that_can_exist() => Assert.True(Target.Named(int.MinValue) > int.MaxValue);

    [Fact]
    public void Generated_ids_are_above_the_servers_and_never_taken()
    {
        var taken = new HashSet<int>();
        var random = new SeededRandom(1);
        for (var i = 0; i < 10_000; i++)
        {
            var id = PeerIds.Generate(random, taken.Contains);
            Assert.InRange(id, PeerIds.FirstClient, int.MaxValue);
            Assert.True(taken.Add(id));
        }
    }

    [Fact]
    public void An_id_that_is_taken_or_reserved_is_drawn_again()
    {
        var draws = new Scripted(0, 1, unchecked((int)0x8000_0001), 5, 6);
        Assert.Equal(6, PeerIds.Generate(draws, id => id == 5));
        Assert.Equal(5, draws.Drawn);
    }

    private sealed class Scripted(params int[] values) : Peer.Protocol.IRandomSource
    {
        public int Drawn { get; private set; }

        public void Fill(Span<byte> bytes) => BitConverter.TryWriteBytes(bytes, values[Drawn++]);
    }
}
