using Peer.Protocol;
using Peer.Protocol.ENet;

namespace Peer.Actors.ENet;

/// <summary>Which ENet channel and kind of packet stands for a channel and mode of the engine, and back.</summary>
internal static class DialectChannels
{
    /// <summary>Dialect of Godot 3: what the server tells of the others.</summary>
    public const byte Notices = 0;

    /// <summary>Bytes before each payload in Godot 3's dialect: sender and target.</summary>
    public const int HeaderBytes = 8;

    public const uint AddPeer = 0;
    public const uint RemovePeer = 1;

    /// <summary>Channels that the engine keeps for itself.</summary>
    public static int Reserved(ENetDialect dialect) => dialect == ENetDialect.Godot3 ? 3 : 2;

    /// <summary>
    /// The ENet channel. One that the other end does not have becomes that of transfer channel 0: a Godot 3 client has only those unless its project asks for more.
    /// </summary>
    public static byte ToENet(ENetDialect dialect, SequenceKey key, int channels)
    {
        var reserved = Reserved(dialect);
        if (key.Channel > 0 && reserved + key.Channel - 1 < channels)
            return (byte)(reserved + key.Channel - 1);
        var reliable = reserved - 2;
        return (byte)Math.Min(channels - 1, key.Mode == TransferMode.Reliable ? reliable : reliable + 1);
    }

    /// <summary>The engine's channel and mode.</summary>
    public static SequenceKey FromENet(ENetDialect dialect, byte channel, ENetDelivery delivery)
    {
        var reserved = Reserved(dialect);
        var mode = delivery switch
        {
            ENetDelivery.Reliable => TransferMode.Reliable,
            ENetDelivery.Unsequenced or ENetDelivery.UnsequencedFragments => TransferMode.Unreliable,
            _ => TransferMode.UnreliableOrdered,
        };

        // What is too long for an unreliable packet travels reliably, and stays what its sender meant it to be.
        if (channel == reserved - 1 && mode == TransferMode.Reliable)
            mode = TransferMode.UnreliableOrdered;
        return new SequenceKey(channel < reserved ? (byte)0 : (byte)(channel - reserved + 1), mode);
    }

    /// <summary>How ENet is to carry a mode: Godot 4 cuts long unreliable packets into unreliable pieces, Godot 3 sends them reliably.</summary>
    public static ENetDelivery DeliveryOf(ENetDialect dialect, TransferMode mode) => mode switch
    {
        TransferMode.Reliable => ENetDelivery.Reliable,
        TransferMode.UnreliableOrdered => dialect == ENetDialect.Godot3 ? ENetDelivery.Unreliable : ENetDelivery.UnreliableFragments,
        _ => dialect == ENetDialect.Godot3 ? ENetDelivery.Unsequenced : ENetDelivery.UnsequencedFragments,
    };
}
