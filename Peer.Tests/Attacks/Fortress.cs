using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;
using Peer.Tests.Stories;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>A server under attack, honest clients who must notice nothing, and the operator's view of what the attack costs.</summary>
internal sealed class Fortress : IDisposable
{
    private readonly ActorSystem _island;
    private readonly ITestOutputHelper _output;
    private int _said;

    /// <param name="output">Where the counters go at the end.</param>
    /// <param name="config">HOCON of the server's own system.</param>
    /// <param name="bystanders">Honest clients.</param>
    /// <param name="options">The server's options; null listens on loopback.</param>
    /// <param name="port">The server's port, 0 for any.</param>
    /// <param name="setup">Overrides for the server's system.</param>
    /// <param name="ticket">Options of an honest client, for servers that want more than a HELLO.</param>
    /// <param name="enet">When set, the server has a port for ENet, and one honest client more comes in there.</param>
    public Fortress(
        ITestOutputHelper output,
        string config = "",
        int bystanders = 2,
        ServerOptions? options = null,
        int port = 0,
        ActorPeerSetup? setup = null,
        Func<ClientOptions>? ticket = null,
        ENetOptions? enet = null)
    {
        _output = output;
        Arena = new Arena(output);
        _island = Arena.NewSystem(config, setup);
        if (enet is not null)
            options = (options ?? new ServerOptions()) with { ENet = enet };
        Server = Arena.Serve(options is null ? null : options with { BindAddress = "127.0.0.1" }, port, _island);
        var joined = new List<Player>();
        Bystanders = joined;
        for (var i = 0; i < bystanders; i++)
            joined.Add(Arena.Join(Server, ticket?.Invoke()));
        if (enet is { Compression: ENetCompression.None, Checksum: false })
            joined.Add(WelcomesENet());
        Arena.Meet([Server, .. Bystanders]);
    }

    public Arena Arena { get; }

    public ActorSystem Island => _island;

    public Player Server { get; }

    public int Port => Server.Peer.LocalPort;

    /// <summary>Where it speaks ENet.</summary>
    public int ENetPort => Server.Peer.LocalENetPort;

    public IReadOnlyList<Player> Bystanders { get; }

    /// <summary>What an operator sees.</summary>
    public PeerCounters Counters => Manager.Ask<PeerCounters>(GetCounters.Instance, TimeSpan.FromSeconds(60)).GetAwaiter().GetResult();

    public IActorRef Manager => Assert.Single(ActorPeer.Get(_island).Runtime.Managers.All);

    public void Command(IPeerCommand command) => Manager.Tell(command, ActorRefs.NoSender);

    public void Until(Func<bool> condition, string what, double seconds = 60) => Arena.Until(condition, what, seconds);

    /// <summary>The attack, a step at a time, with honest traffic all along; then everybody must be where they were, and have everything.</summary>
    public void Withstands(int steps, Action<int> attack)
    {
        for (var step = 0; step < steps; step++)
        {
            attack(step);
            if (step % Math.Max(1, steps / 10) == 0)
                Talk();
        }

        Undisturbed();
    }

    /// <summary>Sends so many datagrams a few at a time, each few once the server has read the last: what its socket cannot hold would be lost, and is not sent again.</summary>
    public void Arrive(int datagrams, Action<int> send)
    {
        const int Few = 50;
        for (var first = 0; first < datagrams; first += Few)
        {
            var (before, last) = (Counters.DatagramsIn, Math.Min(first + Few, datagrams));
            for (var i = first; i < last; i++)
                send(i);
            Until(() => Counters.DatagramsIn >= before + last - first, $"datagrams {first} to {last} of {datagrams} are read");
        }
    }

    /// <summary>The server, and every honest client, to all the others; everything arrives, in order.</summary>
    public void Talk(int messages = 3)
    {
        Player[] all = [Server, .. Bystanders];
        var first = _said;
        for (var i = 0; i < messages; i++, _said++)
        {
            foreach (var player in all)
                Assert.Equal(Error.Ok, player.Say($"talk {_said}"));
        }

        var expected = Enumerable.Range(first, messages).Select(i => $"talk {i}").ToArray();
        foreach (var player in all)
        {
            foreach (var other in all)
            {
                if (player != other)
                    Until(() => Talked(player, other.Id).Skip(first).Count() >= messages, $"{player.Name} hears {other.Name}");
            }
        }

        foreach (var player in all)
        {
            foreach (var other in all)
            {
                if (player != other)
                    Assert.Equal(expected, Talked(player, other.Id).Skip(first));
            }
        }
    }

    /// <summary>No honest client was disconnected, and all of them hear each other.</summary>
    public void Undisturbed()
    {
        Talk();
        Assert.All(Bystanders, bystander =>
        {
            Assert.True(bystander.IsConnected);
            Assert.DoesNotContain("server gone", bystander.Signals);
            Assert.DoesNotContain($"-{bystander.Id}", Server.Signals);
        });
        Assert.Equal(Bystanders.Count, Bystanders.Count(bystander => Server.Knows(bystander.Id)));
    }

    /// <summary>A new honest client gets in.</summary>
    public Player Welcomes(ClientOptions? options = null) => Arena.Join(Server, options);

    /// <summary>A new honest client that speaks ENet gets in.</summary>
    public Player WelcomesENet(string bind = "*")
    {
        var player = Arena.DialENet(ENetPort, bind);
        Until(() => player.IsConnected && Server.Knows(player.Id), $"{player.Name} connects");
        return player;
    }

    public void Dispose()
    {
        var counters = Counters;
        Arena.Dispose();
        _output.WriteLine(counters.ToString());
        _output.WriteLine($"refusals: {string.Join(", ", counters.Refusals.Select(pair => $"{pair.Key} {pair.Value}"))}");
    }

    private static IEnumerable<string> Talked(Player player, int from) => player.Heard(from).Where(text => text.StartsWith("talk ", StringComparison.Ordinal));
}
