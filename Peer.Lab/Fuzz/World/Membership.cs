using System.Text;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.World;

/// <summary>A client of which everything is known, so that its server's end can be made anew for each input, and what an honest one says at the end to see that it is still heard.</summary>
internal sealed class Membership : IDisposable
{
    /// <summary>Ahead of any number that an input uses.</summary>
    private const long LastNumber = 40;

    private static readonly SequenceKey Last = new(7, TransferMode.Reliable);
    private static readonly byte[] LastWord = Encoding.UTF8.GetBytes("still here");

    private readonly SessionKeys _keys;
    private readonly PacketProtection _fromServer;
    private readonly byte[] _last;

    public Membership(ulong seed)
    {
        var random = new SeededSource(seed);
        _keys = new SessionKeys(Take(random, 32), Take(random, 12), Take(random, 32), Take(random, 12));
        ServerId = random.Next();
        ClientId = random.Next();
        Sealer = new FreeSealer(_keys.ClientKey, _keys.ClientIv, ServerId);
        _fromServer = _keys.FromServer();
        _last = Sealer.Seal(LastNumber, Frames.Data(Last, 0, null, LastWord));
    }

    /// <summary>Where its datagrams are addressed to.</summary>
    public ulong ServerId { get; }

    public ulong ClientId { get; }

    /// <summary>Seals in its name.</summary>
    public FreeSealer Sealer { get; }

    /// <summary>The server's end, which has something on its way to the client.</summary>
    public ServedPeer Serve(ByteBudget partials, long now, int messages = 3)
    {
        var peer = new ServedPeer(_keys, ClientId, partials, now);
        for (var i = 0; i < messages; i++)
            peer.Say(new SequenceKey((byte)i, TransferMode.Reliable), LastWord);
        peer.Work(now);
        return peer;
    }

    /// <summary>The client says one thing more: it must arrive, once, and be answered under the right keys.</summary>
    public void MustBeHeard(ServedPeer peer, long now)
    {
        var before = (peer.Messages, peer.Left.Datagrams);
        peer.Receive(_last, now);
        BrokenLawException.Unless(peer.Messages == before.Messages + 1 && peer.LastMessage.AsSpan().SequenceEqual(LastWord), "an honest client is not heard any more");
        peer.Receive(_last, now);
        BrokenLawException.Unless(peer.Messages == before.Messages + 1, "an honest client's datagram was taken twice");
        BrokenLawException.Unless(peer.Left.Datagrams > before.Datagrams, "an honest client is not answered any more");
        var answer = peer.LastDatagram;
        BrokenLawException.Unless(
            SealedHeader.TryRead(answer, out var id, out var number, out _) && id == ClientId && _fromServer.Open(answer, SealedHeader.Length, number), "an honest client cannot open its answer");
    }

    public void Dispose()
    {
        _keys.Dispose();
        Sealer.Dispose();
        _fromServer.Dispose();
    }

    private static byte[] Take(SeededSource random, int length)
    {
        var bytes = new byte[length];
        random.Fill(bytes);
        return bytes;
    }
}
