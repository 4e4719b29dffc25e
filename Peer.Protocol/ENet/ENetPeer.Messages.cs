using System.Buffers.Binary;

namespace Peer.Protocol.ENet;

/// <summary>Messages: which are taken now, which are held, and in which order they are handed up.</summary>
internal sealed partial class ENetPeer
{
    /// <summary>Connection-wide: assemblies that wait for pieces.</summary>
    private readonly List<(ENetChannel Channel, HeldMessage Message, bool IsReliable)> _assembling = [];

    /// <summary>False when it is neither taken nor acknowledged: it breaks a rule, or there is no room for it now.</summary>
    private bool TakeMessage(ENetCommand kind, byte channelId, ushort number, ReadOnlySpan<byte> fields, ReadOnlySpan<byte> payload, long now)
    {
        var channel = ChannelOf(channelId);
        switch (kind)
        {
            case ENetCommand.SendUnsequenced:
                if (SeeUnsequenced(BinaryPrimitives.ReadUInt16BigEndian(fields)))
                    _listener.Received(channelId, ENetDelivery.Unsequenced, payload);
                return true;

            case ENetCommand.SendReliable:
                return !channel.Accepts(number) || TakeReliable(channel, channelId, number, payload);

            case ENetCommand.SendUnreliable:
                if (channel.Accepts(number))
                    TakeUnreliable(channel, channelId, number, BinaryPrimitives.ReadUInt16BigEndian(fields), payload);
                return true;

            case ENetCommand.SendFragment:
                return TakeFragment(channel, channelId, Fragment.Read(fields), payload, now);

            default:
                return !channel.Accepts(number) || TakeUnreliableFragment(channel, channelId, number, Fragment.Read(fields), payload, now);
        }
    }

    private bool TakeReliable(ENetChannel channel, byte channelId, ushort number, ReadOnlySpan<byte> payload)
    {
        if (number == channel.Reliable)
            return true;
        if (_waiting >= _budgets.Unread)
            return false;
        if (number == (ushort)(channel.Reliable + 1))
        {
            _waiting += _listener.Received(channelId, ENetDelivery.Reliable, payload);
            Advance(channel, channelId, number);
            return true;
        }

        if (channel.Held.ContainsKey(number))
            return true;
        if (HeldMessage.TryHold(_budgets.Reliable, number, 0, payload) is not { } held)
            return false;
        channel.Held.Add(number, held);
        return true;
    }

    private bool TakeFragment(ENetChannel channel, byte channelId, in Fragment fragment, ReadOnlySpan<byte> payload, long now)
    {
        if (fragment.Start == channel.Reliable || !channel.Accepts(fragment.Start))
            return true;
        if (!FragmentAssembly.IsPlausible(fragment, _settings.MaxMessageBytes) || _waiting >= _budgets.Unread)
            return false;
        if (!channel.Held.TryGetValue(fragment.Start, out var held))
        {
            held = HeldMessage.TryAssemble(_budgets.Reliable, fragment.Start, 0, fragment, now);
            if (held is null)
                return false;
            channel.Held.Add(fragment.Start, held);
            _assembling.Add((channel, held, true));
        }

        if (held.Assembly is not { } assembly || !assembly.Fits(fragment))
            return false;
        if (assembly.IsComplete)
            return true;
        if (!assembly.TryAdd(fragment, payload, now))
            return false;
        if (!assembly.IsComplete)
            return true;
        StopAssembling(held);
        if (fragment.Start == (ushort)(channel.Reliable + 1))
            DeliverHeld(channel, channelId);
        return true;
    }

    /// <summary>The number after the last reliable one has come; what was held may follow it.</summary>
    private void Advance(ENetChannel channel, byte channelId, ushort number)
    {
        channel.Reliable = number;
        channel.Unreliable = 0;
        if (channel.Held.Count > 0)
            DeliverHeld(channel, channelId);
        if (channel.Waiting.Count > 0)
            DeliverWaiting(channel, channelId);
    }

    private void DeliverHeld(ENetChannel channel, byte channelId)
    {
        var delivered = false;
        while (channel.Held.TryGetValue((ushort)(channel.Reliable + 1), out var next) && next.IsComplete)
        {
            channel.Held.Remove(next.ReliableNumber);
            channel.Reliable = (ushort)(channel.Reliable + next.Numbers);
            channel.Unreliable = 0;
            _waiting += HandUp(channelId, ENetDelivery.Reliable, next);
            delivered = true;
        }

        if (delivered && channel.Waiting.Count > 0)
            DeliverWaiting(channel, channelId);
    }

    private int HandUp(byte channelId, ENetDelivery delivery, HeldMessage message)
    {
        var cost = _listener.Received(channelId, delivery, message.Read(out var joined));
        joined?.Release();
        message.Release();
        return cost;
    }

    private void StopAssembling(HeldMessage message)
    {
        for (var i = _assembling.Count - 1; i >= 0; i--)
        {
            if (_assembling[i].Message != message)
                continue;
            _assembling.RemoveAt(i);
            return;
        }
    }

    /// <summary>Pieces that nobody completes: unreliable ones are given up, for reliable ones the other end has stopped to do its part.</summary>
    private void ExpireAssemblies(long now)
    {
        for (var i = _assembling.Count - 1; i >= 0; i--)
        {
            var (channel, message, isReliable) = _assembling[i];
            if (now - message.Assembly!.TouchedAt < _settings.AssemblyTimeout)
                continue;
            if (isReliable)
            {
                Finish(ENetEnd.Violation, 0);
                return;
            }

            _assembling.RemoveAt(i);
            channel.Waiting.Remove(message);
            message.Release();
        }
    }
}
