using System.Runtime.Serialization;
using Akka.Actor;
using CsCheck;
using Peer.Actors;
using Peer.Actors.Spanning;
using Peer.Cluster.Messages;
using Peer.Tests.Cluster;

namespace Peer.Tests.Spanning;

/// <summary>Messages between nodes, as Akka's remoting hands them over: one is what was written, to its last byte, and nothing else is one.</summary>
public sealed class NodeMessageTests : IDisposable
{
    private static readonly Gen<string> Texts = Gen.String[Gen.Char['!', '~'], 0, 50];
    private static readonly Gen<int[]> Peers = Gen.Int.Array[0, 40];

    private static readonly Gen<object> Spans = Gen.OneOf(
        Gen.Select(Gen.ULong, Gen.Long, Gen.Bool, Gen.Byte.Array[0, 300], (link, number, last, bytes) => (object)new SpanBatch(link, number, last, bytes)),
        Gen.Select(Gen.ULong, Gen.Long, (link, total) => (object)new SpanCredit(link, total)),
        Texts.Select(room => (object)new SpanJoin(room)),
        Gen.Select(Gen.Int, Texts.Array[0, 5], (slot, gateways) => (object)new SpanWelcome(slot, gateways)),
        Texts.Select(cause => (object)new SpanRefused(cause)),
        Gen.Select(Gen.ULong, Gen.ULong, Peers, (link, answers, peers) => (object)new SpanOpen(link, answers, peers)),
        Gen.Select(Gen.ULong, Texts, (link, cause) => (object)new SpanBroken(link, cause)),
        Gen.ULong.Select(link => (object)new SpanStray(link)),
        Gen.Select(Gen.Byte, Texts, (reason, text) => (object)new SpanEnd(reason, text)),
        Gen.Const((object)SpanMoves.Instance));

    private readonly ActorSystem _system = ActorSystem.Create("messages");
    private readonly Dictionary<string, (MessageSerializer Serializer, Gen<object> Messages, Type Kind)> _all;

    public NodeMessageTests()
    {
        var system = (ExtendedActorSystem)_system;
        _all = new()
        {
            ["span"] = (new SpanSerializer(system), Spans, typeof(ISpanMessage)),
            ["cluster"] = (new ClusterSerializer(system), CodecTests.Messages, typeof(INodeMessage)),
        };
    }

    public void Dispose() => _system.Terminate().Wait(TimeSpan.FromSeconds(20));

    [Theory]
    [InlineData("span")]
    [InlineData("cluster")]
    public void Each_is_read_as_it_was_written_and_neither_less_nor_more_of_it_is_a_message(string which)
    {
        var (serializer, messages, kind) = _all[which];
        var seen = new HashSet<Type>();
        Gen.Select(messages, Gen.Byte).Sample(
            (message, more) =>
            {
                seen.Add(message.GetType());
                var (bytes, manifest) = (serializer.ToBinary(message), serializer.Manifest(message));
                var read = serializer.FromBinary(bytes, manifest);
                Assert.IsType(message.GetType(), read);
                Assert.Equal(bytes, serializer.ToBinary(read));
                for (var length = 0; length < bytes.Length; length++)
                    Refused(serializer, bytes[..length], manifest);
                var refusal = Refused(serializer, [.. bytes, more], manifest);
                Assert.Equal("bytes follow the message", refusal.InnerException!.Message);
                Assert.Contains($"'{manifest}' of {bytes.Length + 1} bytes", refusal.Message, StringComparison.Ordinal);
            },
            iter: 300,
            threads: 1);

        // A kind that this test does not know is not checked by it.
        Assert.Equal(
            kind.Assembly.GetTypes().Where(type => type.IsClass && kind.IsAssignableFrom(type)).Select(type => type.Name).Order(StringComparer.Ordinal),
            seen.Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("j", "C0")]
    [InlineData("r", "C0")]
    [InlineData("x", "01C0")]
    [InlineData("e", "01C0")]
    [InlineData("b", "0100C3C0")]
    [InlineData("w", "0191C0")]
    [InlineData("o", "0100DD7FFFFFFF")]
    [InlineData("w", "01DD7FFFFFFF")]
    [InlineData("z", "")]
    public void A_text_that_is_missing_a_list_of_billions_and_a_manifest_that_nobody_knows_are_refused(string manifest, string hex) =>
        Refused(_all["span"].Serializer, Convert.FromHexString(hex), manifest);

    private static SerializationException Refused(MessageSerializer serializer, byte[] bytes, string manifest) =>
        Assert.Throws<SerializationException>(() => serializer.FromBinary(bytes, manifest));
}
