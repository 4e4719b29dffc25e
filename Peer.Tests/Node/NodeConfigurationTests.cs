using Akka.Configuration;
using Peer.Node.Configuration;

namespace Peer.Tests.Node;

public sealed class NodeConfigurationTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_flag_wins_over_the_environment_that_over_the_file_and_that_over_the_default()
    {
        Assert.Equal(7777, Read().Port);
        File.WriteAllText(_file, "actorpeer.node { port = 1000, bind = \"127.0.0.1\", http.port = 1001 }\nactorpeer.server.max-peers = 17");
        Assert.Equal(1000, Read(file: _file).Port);
        Assert.Equal(2000, Read(file: _file, environment: [("ACTORPEER__NODE__PORT", "2000")]).Port);
        Assert.Equal(3000, Read([("actorpeer.node.port", "3000")], _file, [("ACTORPEER__NODE__PORT", "2000")]).Port);

        var all = Read([("actorpeer.node.port", "3000")], _file, [("ACTORPEER__NODE__HTTP__PORT", "off")]);
        Assert.Equal((3000, "127.0.0.1", null, 17), (all.Port, all.Bind, all.HttpPort, all.Config.GetInt("actorpeer.server.max-peers")));
        Assert.Equal(32 << 20, all.Config.GetByteSize("actorpeer.connection.receive-window"));
    }

    [Fact]
    public void The_environment_names_the_file_and_a_flag_names_another()
    {
        var other = Path.GetTempFileName();
        File.WriteAllText(_file, "actorpeer.node.port = 1000");
        File.WriteAllText(other, "actorpeer.node.port = 2000");

        Assert.Equal(1000, Read(environment: [("ACTORPEER_CONFIG", _file)]).Port);
        Assert.Equal(2000, Read(file: other, environment: [("ACTORPEER_CONFIG", _file)]).Port);
        File.Delete(other);
    }

    [Fact]
    public void Of_two_settings_of_one_key_the_later_wins() =>
        Assert.Equal(2, Read([("actorpeer.node.port", "1"), ("actorpeer.node.port", "2")]).Port);

    [Theory]
    [InlineData("ACTORPEER__CONNECTION__IDLE_TIMEOUT", "5s", "actorpeer.connection.idle-timeout", "5s")]
    [InlineData("actorpeer__application", "my \"game\" = {x} # ü", "actorpeer.application", "my \"game\" = {x} # ü")]
    [InlineData("AKKA__LOGLEVEL", "INFO", "akka.loglevel", "INFO")]
    [InlineData("ACTORPEER__SERVER__TOKEN_KEYS__7", "abc=", "actorpeer.server.token-keys.7", "abc=")]
    public void A_variable_is_a_key_and_its_value_is_taken_whole(string name, string value, string key, string expected) =>
        Assert.Equal(expected, Read(environment: [(name, value)]).Config.GetString(key));

    [Fact]
    public void A_list_is_a_list() =>
        Assert.Equal(["a:1", "b:2"], Read(environment: [("ACTORPEER__SERVER__TOKEN_SERVERS", "[\"a:1\", \"b:2\"]")]).Config.GetStringList("actorpeer.server.token-servers"));

    [Theory]
    [InlineData("ACTORPEER__SERVER__MAX_PEERZ", "1", "ACTORPEER__SERVER__MAX_PEERZ")]
    [InlineData("ACTORPEER__NODE__PORT", "70000", "actorpeer.node.port = 70000")]
    [InlineData("ACTORPEER__NODE__PORT", "off", "actorpeer.node.port = off")]
    [InlineData("ACTORPEER__NODE__HTTP__PORT", "web", "actorpeer.node.http.port = web")]
    [InlineData("ACTORPEER__NODE__HTTP__HOST", "not a host", "actorpeer.node.http.host")]
    [InlineData("ACTORPEER__NODE__LOG_FORMAT", "xml", "text or json")]
    public void What_is_not_legal_is_named(string name, string value, string says)
    {
        var mistake = Assert.ThrowsAny<ConfigurationException>(() => Read(environment: [(name, value)]));
        Assert.Contains(says, mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_or_is_no_HOCON_is_named()
    {
        Assert.Contains("/no/such/file", Assert.ThrowsAny<ConfigurationException>(() => Read(file: "/no/such/file")).Message, StringComparison.Ordinal);
        File.WriteAllText(_file, "actorpeer.node.port = ${nowhere}");
        Assert.Contains(_file, Assert.ThrowsAny<ConfigurationException>(() => Read(file: _file)).Message, StringComparison.Ordinal);
    }

    private static NodeOptions Read((string, string)[]? flags = null, string? file = null, (string, string)[]? environment = null) => NodeOptions.Parse(NodeConfiguration.Read(
        (flags ?? []).Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2)),
        file,
        (environment ?? []).ToDictionary(pair => pair.Item1, pair => pair.Item2)));
}
