using System.Buffers.Binary;

namespace Peer.Protocol.ENet;

/// <summary>What leaves, when, and when it leaves again.</summary>
internal sealed partial class ENetPeer
{
    /// <summary>How often unfinished messages are looked at, microseconds.</summary>
    private const long AssemblyCheck = 1_000_000;

    private long _assemblyCheckAt;

    /// <summary>
    /// Writes what is due, datagrams of the same size back to back, the last perhaps shorter, as one system call can send them. Call until it returns 0.
    /// </summary>
    /// <param name="now">Now.</param>
    /// <param name="buffer">Room for one datagram of 4 096 bytes at least.</param>
    /// <param name="segment">Bytes of each datagram but the last.</param>
    public int Transmit(long now, Span<byte> buffer, out int segment)
    {
        segment = 0;
        var length = 0;
        while (buffer.Length - length >= ENetFormat.MaxMtu)
        {
            var written = Build(now, buffer[length..]);
            if (written == 0)
                break;
            if (segment == 0)
                segment = written;
            length += written;

            // Only full ones are batched: after a shorter one a longer could follow, and the kernel cuts a batch into equal parts.
            if (written < _mtu)
                break;
        }

        return length;
    }

    /// <summary>When <see cref="HandleTimeout"/> and <see cref="Transmit"/> have something to do although nothing happens.</summary>
    public long NextTimeout(long now)
    {
        if (State == ENetState.Closed && _outgoing.IsEmpty)
            return long.MaxValue;
        var next = Math.Min(_ackBy, _assembling.Count > 0 ? _assemblyCheckAt : long.MaxValue);
        if (!_sent.IsEmpty)
            return Math.Min(next, At(_nextTimeout, now));
        return State == ENetState.Connected ? Math.Min(next, At(_heardAt + PingInterval, now)) : next;
    }

    /// <summary>What time alone brings about.</summary>
    public void HandleTimeout(long now)
    {
        if (_assembling.Count == 0 || now < _assemblyCheckAt)
            return;
        _assemblyCheckAt = now + AssemblyCheck;
        ExpireAssemblies(now);
    }

    private static long At(uint milliseconds, long now)
    {
        var left = (int)(milliseconds - Milliseconds(now));
        return left <= 0 ? now : ((now / 1000) + left) * 1000;
    }

    private int Build(long now, Span<byte> datagram)
    {
        var milliseconds = Milliseconds(now);
        if (!_sent.IsEmpty && IsAtOrAfter(milliseconds, _nextTimeout))
            Resend(milliseconds);
        if (State == ENetState.Closed && _outgoing.IsEmpty)
            return 0;

        // Acknowledgements wait for company unless they are due; what is sent takes them along.
        if (_outgoing.IsEmpty && _outgoingReliable.IsEmpty && now < _ackBy && !IsPingDue(milliseconds))
            return 0;
        var bodyAt = ENetFormat.HeaderSize + (_settings.Checksum ? ENetFormat.ChecksumSize : 0);
        var body = datagram[bodyAt.._mtu];
        var (length, count) = (0, 0);
        WriteAcks(body, ref length, ref count);
        var hasSentTime = false;
        var isBusy = WriteCommands(body, milliseconds, ref length, ref count, ref hasSentTime);
        if (!isBusy && IsPingDue(milliseconds) && _sent.IsEmpty)
        {
            Ping();
            WriteCommands(body, milliseconds, ref length, ref count, ref hasSentTime);
        }

        if (State == ENetState.DisconnectLater && IsIdle)
            Disconnect(EndData);
        if (count == 0)
            return 0;
        MeasureLoss(milliseconds);
        var header = new ENetHeader(_remotePeer, _remotePeer == ENetFormat.NoPeer ? (byte)0 : _outgoingSession, false, hasSentTime, (ushort)milliseconds);
        var written = _codec.Seal(datagram, header, _remotePeer == ENetFormat.NoPeer ? 0 : ConnectId, bodyAt, length);
        _transmittedDatagrams++;
        _transmittedBytes += written;
        return written;
    }

    private bool IsPingDue(uint milliseconds) =>
        State == ENetState.Connected && _sent.IsEmpty && IsAtOrAfter(milliseconds, _heardAt + PingInterval);

    private void WriteAcks(Span<byte> body, ref int length, ref int count)
    {
        const int Size = 8;
        while (count < ENetFormat.MaxCommands && body.Length - length >= Size && _acks.TryDequeue(out var ack))
        {
            var at = body.Slice(length, Size);
            at[0] = (byte)ENetCommand.Acknowledge;
            at[1] = ack.Channel;
            BinaryPrimitives.WriteUInt16BigEndian(at[2..], ack.Number);
            BinaryPrimitives.WriteUInt16BigEndian(at[4..], ack.Number);
            BinaryPrimitives.WriteUInt16BigEndian(at[6..], ack.SentTime);
            length += Size;
            count++;
            if (ack.EndsConnection)
                Finish(ENetEnd.Remote, EndData);
        }

        if (_acks.Count == 0)
            _ackBy = long.MaxValue;
    }
}
