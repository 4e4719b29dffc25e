using System.CommandLine;
using Peer.Node;

namespace Peer.Lab.Relay;

/// <summary>The options of <c>relay</c>. Each takes one value for both directions, or two: toward the server, and back.</summary>
internal sealed class RelayOptions
{
    private readonly Option<double[]> _delay = Pair("--delay", "Milliseconds one way", "MS");
    private readonly Option<double[]> _jitter = Pair("--jitter", "Milliseconds added by chance, up to this; it reorders", "MS");
    private readonly Option<double[]> _loss = Pair("--loss", "Share of datagrams lost, 0 .. 1", "P");
    private readonly Option<double[]> _duplicate = Pair("--duplicate", "Share of datagrams doubled, 0 .. 1", "P");
    private readonly Option<double[]> _rate = Pair("--rate", "Mbit/s of UDP payload; 0 for no limit", "MBIT");
    private readonly Option<double[]> _queue = Pair("--queue", "KiB that may wait at that rate", "KIB", 1_024);
    private readonly Option<double[]> _longest = Pair("--longest", "Bytes of UDP payload; longer datagrams vanish", "BYTES", 1_472);
    private readonly Option<ulong> _seed = new("--seed") { Description = "Of the chance; the way back has the next one", DefaultValueFactory = _ => 1 };

    public Option<int> To { get; } = new Option<int>("--to") { Description = "Port of the server on 127.0.0.1", Required = true }.Within(1, 65_535);

    public Option<int> Listen { get; } = new Option<int>("--listen") { Description = "Port for the clients; 0 for any", DefaultValueFactory = _ => 0 }.Within(0, 65_535);

    public void AddTo(Command command)
    {
        Option[] all = [To, Listen, _delay, _jitter, _loss, _duplicate, _rate, _queue, _longest, _seed];
        foreach (var option in all)
            command.Add(option);
    }

    public (RelayShape There, RelayShape Back) Shapes(ParseResult result) => (Shape(result, 0), Shape(result, 1));

    private RelayShape Shape(ParseResult result, int direction)
    {
        return new RelayShape
        {
            Delay = (long)(Of(_delay) * 1_000),
            Jitter = (long)(Of(_jitter) * 1_000),
            Loss = Of(_loss),
            Duplicate = Of(_duplicate),
            BitsPerSecond = (long)(Of(_rate) * 1e6),
            LongestDatagram = (int)Of(_longest),
            QueueBytes = (long)(Of(_queue) * 1_024),
            Seed = result.GetValue(_seed) + (ulong)direction,
        };

        double Of(Option<double[]> option)
        {
            var values = result.GetValue(option)!;
            return values[Math.Min(direction, values.Length - 1)];
        }
    }

    private static Option<double[]> Pair(string name, string description, string unit, double usual = 0)
    {
        var option = new Option<double[]>(name)
        {
            Description = description, HelpName = unit, Arity = new ArgumentArity(1, 2), AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [usual],
        };
        option.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<double[]>().Any(value => !(value >= 0)))
                result.AddError($"{name} must not be negative");
        });
        return option;
    }
}
