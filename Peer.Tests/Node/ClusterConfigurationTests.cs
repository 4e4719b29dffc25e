using System.CommandLine;
using Peer.Node;
using Peer.Node.Configuration;

namespace Peer.Tests.Node;

/// <summary>Each key of a clustered node: a flag wins over the environment, that over the file, and that over the default.</summary>
public sealed class ClusterConfigurationTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("actorpeer.cluster.door.port", "--port {0}", "ACTORPEER__NODE__PORT", "actorpeer.node.port", "7001 7002 7003", "7777")]
    [InlineData("actorpeer.cluster.door.port", "--set actorpeer.cluster.door.port={0}", "ACTORPEER__CLUSTER__DOOR__PORT", "actorpeer.cluster.door.port", "7001 7002 7003", "7777")]
    [InlineData("actorpeer.cluster.bind", "--bind {0}", "ACTORPEER__NODE__BIND", "actorpeer.node.bind", "127.0.0.1 127.0.0.2 127.0.0.3", "0.0.0.0")]
    [InlineData("actorpeer.cluster.bind", "--set actorpeer.cluster.bind={0}", "ACTORPEER__CLUSTER__BIND", "actorpeer.cluster.bind", "127.0.0.1 127.0.0.2 127.0.0.3", "0.0.0.0")]
    [InlineData("actorpeer.cluster.advertise", "--advertise {0}", "ACTORPEER__CLUSTER__ADVERTISE", "actorpeer.cluster.advertise", "10.0.0.1 10.0.0.2 10.0.0.3", "")]
    [InlineData("actorpeer.cluster.rooms.ports", "--rooms-ports {0}", "ACTORPEER__CLUSTER__ROOMS__PORTS", "actorpeer.cluster.rooms.ports", "1000-1999 2000-2999 3000-3999", "0")]
    [InlineData("actorpeer.cluster.shards", "--set actorpeer.cluster.shards={0}", "ACTORPEER__CLUSTER__SHARDS", "actorpeer.cluster.shards", "10 20 30", "256")]
    [InlineData("akka.remote.dot-netty.tcp.hostname", "--remote-host {0}", "AKKA__REMOTE__DOT_NETTY__TCP__HOSTNAME", "akka.remote.dot-netty.tcp.hostname", "10.0.0.1 10.0.0.2 10.0.0.3", "127.0.0.1")]
    [InlineData("akka.remote.dot-netty.tcp.port", "--remote-port {0}", "AKKA__REMOTE__DOT_NETTY__TCP__PORT", "akka.remote.dot-netty.tcp.port", "4001 4002 4003", "0")]
    public void The_strongest_source_that_says_something_wins(string key, string flag, string variable, string inFile, string values, string byDefault)
    {
        var (said, set, written) = values.Split(' ') is [var a, var b, var c] ? (a, b, c) : throw new ArgumentException(values, nameof(values));
        string Value(string line, (string, string)[] environment) => Read("--cluster " + line, environment).Config.GetString(key);

        Assert.Equal(byDefault, Value("", []));
        File.WriteAllText(_file, $"{inFile} = \"{written}\"");
        Assert.Equal(written, Value("", []));
        Assert.Equal(set, Value("", [(variable, set)]));
        Assert.Equal(said, Value(string.Format(System.Globalization.CultureInfo.InvariantCulture, flag, said), [(variable, set)]));
    }

    [Fact]
    public void Seeds_are_those_of_the_strongest_source_and_are_not_mixed()
    {
        Assert.Empty(Read("--cluster").Seeds);
        File.WriteAllText(_file, "actorpeer.node.seeds = [\"a:1\", \"b:2\"]");
        Assert.Equal(["a:1", "b:2"], Read("--cluster").Seeds);
        (string, string)[] environment = [("ACTORPEER__NODE__SEEDS", "[\"c:3\"]")];
        Assert.Equal(["c:3"], Read("--cluster", environment).Seeds);
        Assert.Equal(["d:4", "[::1]:5"], Read("--cluster --seed d:4 --seed [::1]:5", environment).Seeds);
    }

    [Fact]
    public void A_node_is_one_of_a_cluster_where_the_strongest_source_says_so()
    {
        Assert.False(Read("").IsClustered);
        File.WriteAllText(_file, "actorpeer.node.cluster = on");
        Assert.True(Read("").IsClustered);
        (string, string)[] environment = [("ACTORPEER__NODE__CLUSTER", "off")];
        Assert.False(Read("", environment).IsClustered);
        Assert.True(Read("--cluster", environment).IsClustered);
        Assert.False(Read("--set actorpeer.node.cluster=off").IsClustered);
        Assert.True(Read("--set actorpeer.node.cluster=off --cluster").IsClustered);
    }

    [Theory]
    [InlineData("--cluster --port 7001", "ACTORPEER__CLUSTER__DOOR__PORT", "7002", "actorpeer.cluster.door.port = 7003", "7001")]
    [InlineData("--cluster", "ACTORPEER__NODE__PORT", "7002", "actorpeer.cluster.door.port = 7003", "7002")]
    [InlineData("--cluster", "ACTORPEER__CLUSTER__DOOR__PORT", "7002", "actorpeer.node.port = 7003", "7002")]
    [InlineData("--cluster", "ACTORPEER__CLUSTER__SHARDS", "10", "actorpeer { cluster.door.port = 7003, node.port = 7004 }", "7003")]
    public void A_door_has_two_names_and_is_where_the_strongest_source_says_by_either(string line, string variable, string value, string file, string port)
    {
        File.WriteAllText(_file, file);
        Assert.Equal(port, Read(line, [(variable, value)]).Config.GetString("actorpeer.cluster.door.port"));
    }

    private NodeOptions Read(string line, (string, string)[]? environment = null)
    {
        var flags = new ServeFlags();
        var command = new Command("serve");
        foreach (var option in flags.All)
            command.Add(option);
        var result = command.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(result.Errors);
        return NodeOptions.Parse(NodeConfiguration.Read(flags.Pairs(result), _file, (environment ?? []).ToDictionary(pair => pair.Item1, pair => pair.Item2)));
    }
}
