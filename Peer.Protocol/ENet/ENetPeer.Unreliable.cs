namespace Peer.Protocol.ENet;

/// <summary>Unreliable messages: never older than the last one, and those of reliable messages that have not come yet wait for them.</summary>
internal sealed partial class ENetPeer
{
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
}
