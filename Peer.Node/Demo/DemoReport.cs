using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>What a demo found.</summary>
/// <param name="Clients">Client processes.</param>
/// <param name="Duration">How long they sent.</param>
/// <param name="Modes">Totals of each mode.</param>
/// <param name="RttP50Us">Median echo time, microseconds; 0 without a sample.</param>
/// <param name="RttP99Us">Its 99th percentile.</param>
/// <param name="CpuS">User and system time of all processes, s.</param>
/// <param name="Problems">What went wrong, in words; empty when nothing did.</param>
internal sealed record DemoReport(
    int Clients,
    TimeSpan Duration,
    IReadOnlyDictionary<TransferMode, ModeTotals> Modes,
    long RttP50Us,
    long RttP99Us,
    double CpuS,
    IReadOnlyList<string> Problems)
{
    public bool IsOk => Problems.Count == 0;

    /// <summary>Sums up what the children said.</summary>
    public static DemoReport Of(DemoOptions options, IReadOnlyList<DemoProcess> processes, IReadOnlyList<string> problems, double ownCpuS)
    {
        var all = new List<string>(problems);
        var ids = processes.Where(process => process.IsReady).Select(process => process.Id).ToList();
        var reports = processes.Where(process => process.Report is not null && process.IsReady).ToList();
        var comparison = LedgerComparison.Compare(ids, [.. reports.Select(process => process.Report!.Ledger)]);
        all.AddRange(comparison.Violations);
        foreach (var process in processes)
            all.AddRange(Complaints(process, options.Clients));
        var rtt = new Percentiles(reports.SelectMany(process => process.Report!.RttUs));
        if (rtt.Count == 0)
            all.Add("no echo probe was answered");
        return new DemoReport(
            options.Clients,
            options.Duration,
            comparison.Modes,
            rtt.At(0.5),
            rtt.At(0.99),
            ownCpuS + processes.Sum(process => process.Left?.CpuS ?? 0),
            all);
    }

    /// <summary>One JSON object on one line.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("clients", Clients);
            WriteSeconds(json, "duration_s", Duration.TotalSeconds);
            json.WriteStartObject("modes");
            foreach (var mode in ModeName.All)
            {
                var totals = Modes[mode];
                json.WriteStartObject(ModeName.Of(mode));
                json.WriteNumber("sent", totals.Sent);
                json.WriteNumber("received", totals.Received);
                json.WriteNumber("missing", totals.Missing);
                json.WriteNumber("out_of_order", totals.OutOfOrder);
                json.WriteNumber("duplicated", totals.Duplicated);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteStartObject("rtt_us");
            json.WriteNumber("p50", RttP50Us);
            json.WriteNumber("p99", RttP99Us);
            json.WriteEndObject();
            WriteSeconds(json, "cpu_s", CpuS);
            json.WriteBoolean("ok", IsOk);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteSeconds(Utf8JsonWriter json, string name, double seconds)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(seconds.ToString("0.0##", CultureInfo.InvariantCulture));
    }

    private static IEnumerable<string> Complaints(DemoProcess process, int clients)
    {
        if (process.Report is { } report)
        {
            if (report.Corrupted > 0)
                yield return $"{process.Name} received {report.Corrupted} packets that were not what was sent; the first: {report.FirstCorruption}";
            foreach (var departure in report.Departures)
                yield return $"{process.Name} lost {departure.Id} before the end: {departure.Reason}";
        }

        if (process.Left is not { } left)
            yield break;
        foreach (var departure in left.Departures.Where(departure => departure.Reason != nameof(DisconnectReason.Closed)))
            yield return $"{process.Name} saw {departure.Id} leave, but not as one that closes: {departure.Reason}";
        if (process.Port != 0 && left.Departures.Count != clients)
            yield return $"{process.Name} saw {left.Departures.Count} of {clients} clients leave";
    }
}
