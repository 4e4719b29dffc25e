using Akka.IO;
using Peer.Actors.Transport;

namespace Peer.Tests.Transport;

public sealed class ReceivedBytesTests
{
    [Fact]
    public void The_array_of_a_receive_is_taken_without_a_copy_on_this_version_of_Akka()
    {
        Assert.True(ReceivedBytes.CanTakeArray);
        byte[] array = [1, 2, 3, 4];
        var taken = ReceivedBytes.Take(ByteString.FromBytes(array, 1, 2), out var owner);
        Assert.Same(array, owner.Array);
        taken.Span[0] = 99;
        Assert.Equal(99, array[1]);
        Assert.Equal(2, taken.Length);
    }

    [Fact]
    public void Bytes_in_several_pieces_are_copied_together()
    {
        var pieces = ByteString.FromBytes([1, 2]) + ByteString.FromBytes([3]);
        Assert.Equal([1, 2, 3], ReceivedBytes.Take(pieces, out _).ToArray());
    }
}
