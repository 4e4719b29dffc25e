using System.Net;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.Protocol.Wire;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Resume;

/// <summary>A bare client that says HELLO with a ticket, and has its secret or guesses it.</summary>
internal sealed class TicketBearer : IDisposable
{
    private readonly Simulation _simulation;
    private readonly SimulatedSocket _socket;
    private readonly ClientHandshake _handshake;
    private readonly Destination _server;

    public TicketBearer(Simulation simulation, string host, SimulatedHost server, byte[] ticket, byte[] secret)
    {
        _simulation = simulation;
        _server = Destination.Of(new IPEndPoint(server.Address, Traveller.Port));
        var own = simulation.Host(host);
        Assert.True(simulation.Network.TryBind(own, new IPEndPoint(own.Address, 0), Arrived, out var socket, out _));
        _socket = socket;
        _handshake = new ClientHandshake(
            new ClientHandshakeSettings { ApplicationName = "actorpeer", Ticket = ticket, TicketSecret = secret }, (ulong)socket.Local.Port, own.Random, Now);
        own.Every(TimeSpan.FromMilliseconds(20), Beat);
    }

    public ClientHandshakeState State => _handshake.State;

    public DisconnectReason Refusal => _handshake.Refusal.Reason;

    public bool IsAnew => _handshake.Offer.Anew;

    public int Id => _handshake.Offer.PeerId;

    /// <summary>Welcomes that came.</summary>
    public int Welcomes { get; private set; }

    /// <summary>Why the server has ended the connection; null while it has not.</summary>
    public DisconnectInfo? End { get; private set; }

    private long Now => (long)_simulation.Time.GetElapsedTime(0).TotalMicroseconds;

    /// <summary>The first sealed datagram, which proves the secret.</summary>
    public void Prove()
    {
        using var sealing = _handshake.Keys.FromClient();
        var datagram = new byte[SealedHeader.Length + 9 + SealedHeader.TagLength];
        SealedHeader.Write(datagram, _handshake.Offer.ServerConnectionId, 0, 9);
        datagram[SealedHeader.Length] = FrameType.Ping;
        sealing.Seal(datagram, SealedHeader.Length, 0);
        _socket.Send(datagram, datagram.Length, _server);
    }

    public void Dispose()
    {
        _handshake.Dispose();
        _socket.Close();
    }

    private bool Beat()
    {
        var hello = new byte[Hello.Length];
        if (_handshake.State == ClientHandshakeState.Hello && _handshake.TryTransmit(Now, hello, out var length))
            _socket.Send(hello.AsSpan(0, length), length, _server);
        return true;
    }

    private void Arrived(byte[] datagram, IPEndPoint from)
    {
        if (datagram[0] == HandshakeFormat.WelcomeKind)
            Welcomes++;
        if (_handshake.State == ClientHandshakeState.Hello)
        {
            _handshake.Handle(datagram, Now);
            Beat();
            return;
        }

        if (_handshake.State != ClientHandshakeState.Established)
            return;
        using var opening = _handshake.Keys.FromServer();
        var rest = datagram.AsSpan();
        while (SealedHeader.TryRead(rest, out _, out var number, out var total))
        {
            if (opening.Open(rest[..total], SealedHeader.Length, number) && rest[SealedHeader.Length] == FrameType.Close
                && CloseFrame.TryRead(rest[(SealedHeader.Length + 1)..(total - SealedHeader.TagLength)], out var info, out _))
                End = info;
            rest = rest[total..];
        }
    }
}
