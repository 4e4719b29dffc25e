using System.Buffers.Binary;
using System.Net;
using Peer.Protocol.ENet;

namespace Peer.Lab.Fuzz.World;

/// <summary>A host with a client and a bystander, a client that dials somebody else, and strangers; what each may say, and what must be so in the end.</summary>
internal sealed class ENetScene : IDisposable
{
    private const int ConnectIdAt = 40;
    private const int MostRounds = 8;

    private static readonly IPEndPoint ServerAddress = IPEndPoint.Parse("10.0.0.1:7777");
    private static readonly IPEndPoint ClientAddress = IPEndPoint.Parse("10.0.0.2:4444");
    private static readonly IPEndPoint BystanderAddress = IPEndPoint.Parse("10.0.0.3:4444");
    private static readonly IPEndPoint NewcomerAddress = IPEndPoint.Parse("10.0.0.4:4444");
    private static readonly IPEndPoint StrangerAddress = IPEndPoint.Parse("10.6.6.6:666");
    private static readonly byte[] Short = [1, 2, 3];

    private readonly byte[] _long;
    private readonly ENetHouse _house;
    private readonly ENetCodec _forger;
    private readonly ENetClient? _bystander;
    private readonly List<(byte[] Datagram, IPEndPoint To)> _underWay = [];
    private readonly Action<byte[], IPEndPoint> _carry;
    private readonly Action<byte[], IPEndPoint> _carryUp;
    private readonly uint _dialledId;
    private ENetEnd? _dialling;
    private ENetSeat? _stranger;
    private long _now;
    private int _said;

    /// <param name="settings">Of all.</param>
    /// <param name="start">Microseconds.</param>
    /// <param name="dialledId">The id of the connection that is dialled.</param>
    /// <param name="isWatched">Whether the bystander is there, and talks in the end, and a newcomer joins.</param>
    public ENetScene(ENetSettings settings, long start, uint dialledId, bool isWatched)
    {
        _now = start;
        _dialledId = dialledId;

        // In pieces, whatever the size of a datagram.
        _long = new byte[2 * settings.Mtu];
        _house = new ENetHouse(settings);
        _forger = new ENetCodec(settings);
        _carry = (datagram, to) => _underWay.Add((datagram, to));
        _carryUp = (datagram, _) => _underWay.Add((datagram, ServerAddress));
        Client = Join(ClientAddress, 1);
        if (isWatched)
            _bystander = Join(BystanderAddress, 2);
    }

    public ENetClient Client { get; }

    public void Pass(long time) => _now += time;

    public byte[] Sealed(ENetSeat seat, ReadOnlySpan<byte> body) => seat.Datagram(_forger, _house.Settings.Checksum, body, _now);

    /// <summary>Both ends of the client's connection say something, each time in another way.</summary>
    public void Talk()
    {
        var delivery = (ENetDelivery)(_said % 5);
        var message = _said++ % 3 == 0 ? _long : Short;
        Client.Here.Say(1, delivery, message);
        _house.ServedAt(ClientAddress)?.Say(2, delivery, message);
    }

    public void FromStranger(ReadOnlySpan<byte> datagram) => _house.Receive(datagram, StrangerAddress, _now);

    /// <summary>A stranger's CONNECT, right on its outside; he reads the answer.</summary>
    public void Connects(ReadOnlySpan<byte> body)
    {
        var answer = _house.Receive(Sealed(ENetSeat.None, body), StrangerAddress, _now);
        if (answer.Length > 0 && body.Length >= ConnectIdAt + 4)
            _stranger = ENetSeat.Read(_forger, answer, BinaryPrimitives.ReadUInt32BigEndian(body[ConnectIdAt..])) ?? _stranger;
    }

    /// <summary>A stranger who has read the answer says more; at first he confirms.</summary>
    public void Confirms(ReadOnlySpan<byte> body)
    {
        if (_stranger is not { } seat)
            return;
        byte[] all = _house.ServedAt(StrangerAddress) is not null
            ? body.ToArray()
            : [.. ENetForge.Numbers(ENetCommand.Acknowledge, 0, ENetFormat.ControlChannel, seat.Number, seat.Number, seat.SentTime), .. body];
        _house.Receive(Sealed(seat, all), StrangerAddress, _now);
    }

    public void ToServer(ReadOnlySpan<byte> datagram) => _house.Receive(datagram, ClientAddress, _now);

    public void ToClient(ReadOnlySpan<byte> datagram) => Client.Here.Peer.Receive(datagram, _now);

    public void ToDialling(ReadOnlySpan<byte> body)
    {
        _dialling ??= Dial(_dialledId);
        _dialling.Work(_now, null);
        _dialling.Peer.Receive(Sealed(new ENetSeat(1, 0, _dialledId, 0, 0), body), _now);
    }

    /// <summary>Everybody does what is due; what the honest ends send arrives or is lost.</summary>
    public void Work(bool arrives)
    {
        _dialling?.Work(_now, null);
        _dialling?.Read();
        Client.Here.Work(_now, _carryUp);
        Client.Here.Read();
        _house.Work(_now, _carry, BystanderAddress);
        if (arrives)
            Exchange(Client, BystanderAddress);
        _underWay.Clear();
    }

    /// <summary>Where somebody watches: the bystander has stayed and is heard, and a newcomer gets in and is heard.</summary>
    public void EverybodyElseIsServed()
    {
        if (_bystander is null)
            return;
        _underWay.Clear();
        BrokenLawException.Unless(
            _house.ServedAt(BystanderAddress) is { Peer.State: ENetState.Connected } && _bystander.Here.Peer.State == ENetState.Connected, "a bystander was disconnected");
        MustBeHeard(_bystander);
        var newcomer = Join(NewcomerAddress, 3);
        MustBeHeard(newcomer);
        newcomer.Here.Dispose();
    }

    public void Dispose()
    {
        Client.Here.Dispose();
        _bystander?.Here.Dispose();
        _dialling?.Dispose();
        _house.Dispose();
        _forger.Dispose();
    }

    private void MustBeHeard(ENetClient client)
    {
        var served = _house.ServedAt(client.Address);
        BrokenLawException.Unless(served is not null, "an honest client is not served");
        var before = served!.Messages;
        client.Here.Say(0, ENetDelivery.Reliable, Short);
        client.Here.Work(_now, _carryUp);
        Exchange(client);
        BrokenLawException.Unless(served.Messages == before + 1 && served.LastMessage.AsSpan().SequenceEqual(Short), "an honest client is not heard");
    }

    private ENetEnd Dial(uint connectId) => new(
        _house.Settings, ServerAddress, _house.Partials, (listener, budgets) => new ENetPeer(_house.Settings, listener, budgets, 1, connectId, 4, 7, _now));

    /// <summary>A client connects as clients do.</summary>
    private ENetClient Join(IPEndPoint address, uint connectId)
    {
        var end = Dial(connectId);
        byte[] answer = [];
        end.Work(_now, (datagram, _) => answer = _house.Receive(datagram, address, _now));
        BrokenLawException.Unless(ENetSeat.Read(_forger, answer, connectId) is not null, "an honest client is not answered");
        var seat = ENetSeat.Read(_forger, answer, connectId)!.Value;
        ENetHeader.TryRead(answer, out var header);
        end.Peer.Receive(answer, _now);
        var client = new ENetClient(end, address, seat, seat with { Slot = 1, Session = header.Session });
        end.Work(_now, _carryUp);
        Exchange(client);
        BrokenLawException.Unless(end.Peer.State == ENetState.Connected && _house.ServedAt(address) is not null, "an honest client does not get in");
        return client;
    }

    private void Exchange(ENetClient client, IPEndPoint? asleep = null)
    {
        for (var round = 0; round < MostRounds && _underWay.Count > 0; round++)
        {
            var arriving = _underWay.ToArray();
            _underWay.Clear();

            // Acknowledgements wait a little for company.
            _now += 2_000;
            foreach (var (datagram, to) in arriving)
            {
                if (to.Equals(ServerAddress))
                    _house.Receive(datagram, client.Address, _now);
                else if (to.Equals(client.Address))
                    client.Here.Peer.Receive(datagram, _now);
            }

            client.Here.Work(_now, _carryUp);
            client.Here.Read();
            _house.Work(_now, _carry, asleep);
        }
    }
}
