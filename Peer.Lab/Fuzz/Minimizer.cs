namespace Peer.Lab.Fuzz;

/// <summary>Makes an input smaller and plainer for as long as it breaks the same thing: takes out blocks, from halves to single bytes, then turns bytes into zeros.</summary>
internal static class Minimizer
{
    private const int MostRuns = 20_000;

    public static byte[] Shrink(byte[] input, Func<byte[], bool> stillBreaks)
    {
        // What does not break twice is kept as it was.
        if (!stillBreaks(input))
            return input;
        var runs = 0;
        for (var block = Math.Max(1, input.Length / 2); block >= 1; block /= 2)
        {
            for (var at = 0; at < input.Length && runs < MostRuns;)
            {
                byte[] candidate = [.. input[..at], .. input[Math.Min(input.Length, at + block)..]];
                runs++;
                if (stillBreaks(candidate))
                    input = candidate;
                else
                    at += block;
            }
        }

        for (var at = 0; at < input.Length && runs < MostRuns; at++)
        {
            if (input[at] == 0)
                continue;
            var candidate = (byte[])input.Clone();
            candidate[at] = 0;
            runs++;
            if (stillBreaks(candidate))
                input = candidate;
        }

        return input;
    }
}
