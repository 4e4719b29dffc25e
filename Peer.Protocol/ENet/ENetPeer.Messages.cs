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

    private void TakeUnreliable(ENetChannel channel, byte channelId, ushort reliable, ushort unreliable, ReadOnlySpan<byte> payload)
    {
        if (reliable == channel.Reliable)
        {
            if (unreliable <= channel.Unreliable)
                return;
            channel.Unreliable = unreliable;
            DropOvertaken(channel);
            _listener.Received(channelId, ENetDelivery.Unreliable, payload);
            return;
        }

        var place = PlaceOf(channel, reliable, unreliable, out var isThere);
        if (!isThere && HeldMessage.TryHold(_budgets.Unreliable, reliable, unreliable, payload) is { } held)
            channel.Waiting.Insert(place, held);
    }

    private bool TakeUnreliableFragment(ENetChannel channel, byte channelId, ushort reliable, in Fragment fragment, ReadOnlySpan<byte> payload, long now)
    {
        if (reliable == channel.Reliable && fragment.Start <= channel.Unreliable)
            return true;
        if (!FragmentAssembly.IsPlausible(fragment, _settings.MaxMessageBytes))
            return false;
        var place = PlaceOf(channel, reliable, fragment.Start, out var isThere);
        HeldMessage? held;
        if (isThere)
        {
            held = channel.Waiting[place];
        }
        else
        {
            held = HeldMessage.TryAssemble(_budgets.Unreliable, reliable, fragment.Start, fragment, now);
            if (held is null)
                return true;
            channel.Waiting.Insert(place, held);
            _assembling.Add((channel, held, false));
        }

        if (held.Assembly is not { } assembly || !assembly.Fits(fragment))
            return false;
        if (assembly.IsComplete || !assembly.TryAdd(fragment, payload, now) || !assembly.IsComplete)
            return true;
        StopAssembling(held);
        if (reliable == channel.Reliable)
            DeliverWaiting(channel, channelId);
        return true;
    }

    /// <summary>Hands up, in their order, what waited for the last reliable message and is complete. What is not may still become so until a later one has overtaken it.</summary>
    private void DeliverWaiting(ENetChannel channel, byte channelId)
    {
        var waiting = channel.Waiting;
        var last = -1;
        for (var i = 0; i < waiting.Count && (waiting[i].ReliableNumber == channel.Reliable || !channel.Accepts(waiting[i].ReliableNumber)); i++)
        {
            if (waiting[i].IsComplete || waiting[i].ReliableNumber != channel.Reliable)
                last = i;
        }

        for (var i = 0; i <= last; i++)
        {
            var message = waiting[i];
            if (message.ReliableNumber == channel.Reliable && message.IsComplete)
            {
                channel.Unreliable = message.UnreliableNumber;
                HandUp(channelId, ENetDelivery.Unreliable, message);
            }
            else
            {
                StopAssembling(message);
                message.Release();
            }
        }

        waiting.RemoveRange(0, last + 1);
    }

    /// <summary>Pieces of what is older than the message that is handed up now.</summary>
    private void DropOvertaken(ENetChannel channel)
    {
        var waiting = channel.Waiting;
        while (waiting.Count > 0 && waiting[0].ReliableNumber == channel.Reliable && waiting[0].UnreliableNumber <= channel.Unreliable)
        {
            StopAssembling(waiting[0]);
            waiting[0].Release();
            waiting.RemoveAt(0);
        }
    }

    /// <summary>Where a message belongs among those that wait; most come last.</summary>
    private static int PlaceOf(ENetChannel channel, ushort reliable, ushort unreliable, out bool isThere)
    {
        var waiting = channel.Waiting;
        var (low, high) = (0, waiting.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var order = channel.Compare(reliable, unreliable, waiting[middle]);
            if (order == 0)
            {
                isThere = true;
                return middle;
            }

            if (order < 0)
                high = middle;
            else
                low = middle + 1;
        }

        isThere = false;
        return low;
    }

    private bool SeeUnsequenced(ushort group)
    {
        var index = group % ENetFormat.UnsequencedWindow;
        var distance = (ushort)(group - _unsequencedBase);
        if (distance >= ENetFormat.UnsequencedAhead)
            return false;
        if (group - index != _unsequencedBase)
        {
            _unsequencedBase = (ushort)(group - index);
            Array.Clear(_unsequencedSeen);
        }

        ref var word = ref _unsequencedSeen[index / 64];
        var bit = 1UL << (index % 64);
        if ((word & bit) != 0)
            return false;
        word |= bit;
        return true;
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
