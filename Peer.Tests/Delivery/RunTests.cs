using CsCheck;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

public class RunTests
{
    [Fact]
    public void What_is_appended_is_what_is_read() =>
        Gen.Byte.Array[1, 300].Array[1, 60].Sample(messages =>
        {
            var run = Messages.RunOf(Messages.Reliable, 7, messages);
            Assert.Equal(messages.Length, run.Messages);
            Assert.Equal(messages.Length, RunReader.Count(run.Bytes.Span));
            var read = Messages.Split(run.Bytes);
            Assert.Equal(messages.Length, read.Count);
            for (var i = 0; i < messages.Length; i++)
                Assert.True(messages[i].AsSpan().SequenceEqual(read[i]));
            run.Release();
            Assert.Empty(run.Owner!.Array);
        }, iter: 100);

    [Fact]
    public void Bytes_are_either_a_run_from_end_to_end_or_none() =>
        Gen.Byte.Array[0, 40].Sample(bytes =>
        {
            var offset = 0;
            var messages = 0;
            while (RunReader.TryNext(bytes, ref offset, out _))
                messages++;
            Assert.Equal(messages > 0 && offset == bytes.Length ? messages : -1, RunReader.Count(bytes));
        }, iter: 5_000);

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0161" + "00")]
    [InlineData("0261")]
    [InlineData("0161" + "80")]
    [InlineData("8100" + "61")]
    [InlineData("FFFFFFFFFFFFFFFFFF01" + "61")]
    [InlineData("FFFFFFFF0F" + "61")]
    public void Bytes_that_are_no_run_are_refused(string hex) => Assert.Equal(-1, RunReader.Count(Convert.FromHexString(hex)));

    [Fact]
    public void A_writer_is_empty_once_its_run_was_taken()
    {
        var writer = new RunWriter(Messages.Reliable, null);
        writer.Append([1]);
        var first = writer.Take();
        Assert.Equal(0, writer.Length);
        writer.Append([2]);
        var second = writer.Take();
        Assert.Equal([1], Assert.Single(Messages.Split(first.Bytes)));
        Assert.Equal([2], Assert.Single(Messages.Split(second.Bytes)));
        Assert.Equal(0, writer.Take().Bytes.Length);
        first.Release();
        second.Release();
    }

    [Fact]
    public void An_empty_message_cannot_be_appended() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RunWriter(Messages.Reliable, null).Append([]));

    [Fact]
    public void A_shared_run_keeps_its_bytes_until_the_last_reader_is_done()
    {
        var run = Messages.RunOf(Messages.Reliable, null, [1, 2, 3]);
        var shared = run.Share(9);
        run.Release();
        Assert.Equal([1, 2, 3], Assert.Single(Messages.Split(shared.Bytes)));
        Assert.Equal(9, shared.Peer);
        shared.Release();
        Assert.Empty(shared.Owner!.Array);
    }

    [Fact]
    public void A_buffer_released_twice_or_kept_after_its_end_is_a_mistake_that_shows()
    {
        var buffer = RunBuffer.Rent(10);
        buffer.Release();
        Assert.Throws<InvalidOperationException>(buffer.Release);
        var other = RunBuffer.Rent(10);
        other.Release();
        Assert.Throws<InvalidOperationException>(other.Retain);
    }

    [Fact]
    public void Memory_that_was_given_back_is_overwritten_and_who_writes_to_it_is_found_out()
    {
        var watch = new ReleasedMemory(graves: 1);
        var array = new byte[] { 1, 2, 3 };
        watch.Bury(array);
        Assert.DoesNotContain((byte)2, array);
        array[1] = 2;
        Assert.Throws<InvalidOperationException>(() => watch.Bury(new byte[1]));
    }
}
