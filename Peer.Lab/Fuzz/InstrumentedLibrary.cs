using System.Reflection;
using System.Runtime.Loader;
using Peer.Protocol;

namespace Peer.Lab.Fuzz;

/// <summary>
/// The library once more, with SharpFuzz's traces in each branch, loaded beside the plain one; the targets are loaded again with it, so that they use it. Neither AFL nor libFuzzer is needed: the traces go to
/// a map of ours.
/// </summary>
internal sealed class InstrumentedLibrary : AssemblyLoadContext
{
    private readonly string _library = typeof(PeerStatistics).Assembly.GetName().Name!;
    private readonly string[] _again = [typeof(InstrumentedLibrary).Assembly.GetName().Name!, "Peer.TestKit", "Peer.Actors"];
    private readonly byte[] _instrumented;

    public InstrumentedLibrary()
        : base("instrumented")
    {
        var folder = Directory.CreateTempSubdirectory("fuzz-");
        try
        {
            var copy = Path.Combine(folder.FullName, $"{_library}.dll");
            File.Copy(Path.Combine(AppContext.BaseDirectory, $"{_library}.dll"), copy);
            SharpFuzz.Fuzzer.Instrument(copy, _ => true, SharpFuzz.Options.Value);
            _instrumented = File.ReadAllBytes(copy);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Runs a plan on the instrumented library; see <see cref="FuzzRun.Run"/>.</summary>
    public string Run(string plan, Action<string, long, double, int, int, int> progress, CancellationToken cancel)
    {
        // The map must be there before the first traced line runs.
        _ = new Coverage();
        var lab = LoadFromAssemblyName(typeof(InstrumentedLibrary).Assembly.GetName());
        var run = lab.GetType(typeof(FuzzRun).FullName!, throwOnError: true)!.GetMethod(nameof(FuzzRun.Run), BindingFlags.Public | BindingFlags.Static)!;
        return (string)run.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [plan, progress, cancel], null)!;
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == _library)
            return LoadFromStream(new MemoryStream(_instrumented));
        return Array.IndexOf(_again, assemblyName.Name) >= 0 ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, $"{assemblyName.Name}.dll")) : null;
    }
}
