using System.Text.Json;
using Peer.Node.Demo;
using Peer.Protocol;

namespace Peer.Tests.Node;

public sealed class DemoLinesTests
{
    [Fact]
    public void What_a_child_says_comes_back_as_what_it_was()
    {
        ChildLine[] lines =
        [
            new ChildLine.Listening(7777),
            new ChildLine.Ready(20),
            new ChildLine.Progress(20, 3, 1.5, 0.2, 0.01, 4, 5, 6, 7, "the end mark of 30"),
            new ChildLine.Settled(),
            new ChildLine.Failed("no"),
        ];

        foreach (var line in lines)
            Assert.Equal(line, JsonSerializer.Deserialize(JsonSerializer.Serialize(line, DemoJson.Default.ChildLine), DemoJson.Default.ChildLine));
    }

    [Fact]
    public void A_report_keeps_its_ledgers()
    {
        var ledger = new PeerLedger(20, [new SentRow(-1, 2, TransferMode.Unreliable, 9)], [new ReceivedRow(1, 0, 3, TransferMode.Reliable, 5, 7, 1, 2, 4)]);
        ChildLine line = new ChildLine.FinalReport(ledger, [100, 200], 1, "what", [new Departure(30, "Timeout")]);

        var text = JsonSerializer.Serialize(line, DemoJson.Default.ChildLine);
        var read = Assert.IsType<ChildLine.FinalReport>(JsonSerializer.Deserialize(text, DemoJson.Default.ChildLine));

        Assert.DoesNotContain('\n', text);
        Assert.Equal(ledger.Sent, read.Ledger.Sent);
        Assert.Equal(ledger.Received, read.Ledger.Received);
        Assert.Equal([100, 200], read.RttUs);
        Assert.Equal((1, "what"), (read.Corrupted, read.FirstCorruption));
        Assert.Equal([new Departure(30, "Timeout")], read.Departures);
    }

    [Theory]
    [InlineData("/opt/peer/Peer.Node", "demo-server,--port,0")]
    [InlineData("/opt/peer/Peer.Node.exe", "demo-server,--port,0")]
    [InlineData("/usr/bin/dotnet", "/opt/peer/Peer.Node.dll,demo-server,--port,0")]
    [InlineData("/usr/bin/dotnet.exe", "/opt/peer/Peer.Node.dll,demo-server,--port,0")]
    public void The_program_starts_itself_as_it_was_started(string executable, string arguments)
    {
        var start = SelfProcess.Start(executable, "/opt/peer/Peer.Node.dll", ["demo-server", "--port", "0"]);

        Assert.Equal(executable, start.FileName);
        Assert.Equal(arguments, string.Join(',', start.ArgumentList));
        Assert.True(start.RedirectStandardInput && start.RedirectStandardOutput && start.RedirectStandardError);
    }
}
