using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Peer.Lab.Compare;

/// <summary>The report for a program. Every ratio is ActorPeer's median divided by the other's.</summary>
internal static class CompareJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Figures that every row has, null where they do not apply; a row's others follow.</summary>
    private static readonly string[] Always = [Figure.MessagesPerSecond, Figure.CpuPerMessage, Figure.AllocatedPerMessage, Figure.P50, Figure.P99];

    public static byte[] WriteUtf8(CompareReport report) => JsonSerializer.SerializeToUtf8Bytes(Document(report), Indented);

    private static JsonObject Document(CompareReport report) => new()
    {
        ["machine"] = new JsonObject
        {
            ["cores"] = Environment.ProcessorCount,
            ["os"] = RuntimeInformation.OSDescription,
            ["architecture"] = RuntimeInformation.OSArchitecture.ToString(),
            ["runtime"] = RuntimeInformation.FrameworkDescription,
        },
        ["interrupted"] = report.Interrupted,
        ["complete"] = report.Complete,
        ["wall_s"] = Rounded(report.Wall.TotalSeconds),
        ["rows"] = new JsonArray([.. report.Rows.Select(Row)]),
        ["ratios"] = new JsonObject(report.Rows.Select(row => row.Workload).Distinct().Select(workload => KeyValuePair.Create(workload.Name, (JsonNode?)Ratios(report, workload)))),
    };

    private static JsonObject Row(CompareRow row)
    {
        var node = new JsonObject
        {
            ["workload"] = row.Workload.Name,
            ["library"] = row.Library.Name,
            ["encrypted"] = row.Library.Encrypted,
            ["rounds"] = row.ValidRounds,
            ["spread"] = Rounded(row.Spread),
        };
        foreach (var figure in Always.Concat(row.Figures).Distinct())
            node[figure] = Rounded(row.Median(figure));
        if (row.Problem is { } problem)
            node["problem"] = problem;
        return node;
    }

    private static JsonObject Ratios(CompareReport report, IWorkload workload)
    {
        var node = new JsonObject
        {
            ["figure"] = workload.Headline.Figure,
            ["better"] = workload.Headline.MoreIsBetter ? "higher" : "lower",
            ["versus_enet"] = Rounded(report.Ratio(workload, Library.ENet)),
            ["versus_litenetlib"] = Rounded(report.Ratio(workload, Library.LiteNetLib)),
        };
        var figures = report.Rows.Where(row => row.Workload == workload).SelectMany(row => row.Figures).Distinct();
        foreach (var figure in figures.Where(figure => figure != workload.Headline.Figure))
        {
            if ((Rounded(report.Ratio(workload, Library.ENet, figure)), Rounded(report.Ratio(workload, Library.LiteNetLib, figure))) is var (enet, litenet) && (enet ?? litenet) is not null)
                node[figure] = new JsonObject { ["versus_enet"] = enet, ["versus_litenetlib"] = litenet };
        }

        return node;
    }

    private static double? Rounded(double? value) => value is { } number && double.IsFinite(number) ? Math.Round(number, 3) : null;
}
