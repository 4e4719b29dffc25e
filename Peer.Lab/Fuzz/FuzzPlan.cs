namespace Peer.Lab.Fuzz;

/// <summary>What to fuzz, and for how long.</summary>
/// <param name="Targets">Names, one after the other.</param>
/// <param name="Inputs">Inputs of each target; 0 for no limit.</param>
/// <param name="Seconds">Seconds of each target; 0 for no limit.</param>
/// <param name="Seed">Of the chance.</param>
/// <param name="Corpus">A folder with a folder of inputs for each target, to begin with; empty for none.</param>
/// <param name="Distil">Where to write few inputs that pass all edges; empty for nowhere.</param>
/// <param name="Findings">Where to write inputs that broke something.</param>
internal sealed record FuzzPlan(IReadOnlyList<string> Targets, long Inputs, double Seconds, ulong Seed, string Corpus, string Distil, string Findings);

/// <summary>An input that broke something, as small as it could be made.</summary>
/// <param name="What">The law, or the exception.</param>
/// <param name="Number">Which input of the session it was, from 1.</param>
/// <param name="Length">Bytes that are left of it.</param>
/// <param name="File">Where it lies.</param>
internal sealed record Finding(string What, long Number, int Length, string File);

/// <summary>What became of one target.</summary>
/// <param name="Target">Its name.</param>
/// <param name="Inputs">Executions.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="PerSecond">Executions a second.</param>
/// <param name="Corpus">Inputs kept, since each passed an edge as no other had.</param>
/// <param name="Edges">Edges of the library that were passed.</param>
/// <param name="HeapEarly">Live bytes on the heap, a tenth into the run; 0 where it was too short to tell.</param>
/// <param name="HeapLate">Live bytes at its end.</param>
/// <param name="Findings">What broke.</param>
internal sealed record TargetReport(
    string Target, long Inputs, double Seconds, double PerSecond, int Corpus, int Edges, long HeapEarly, long HeapLate, IReadOnlyList<Finding> Findings);

/// <summary>How far a session is; called from another thread than the fuzzing one.</summary>
internal delegate void FuzzProgress(string target, long inputs, double perSecond, int corpus, int edges, int findings);
