using System.CommandLine;
using System.Numerics;

namespace Peer.Node;

/// <summary>Options with a legal range, which the error message names.</summary>
internal static class OptionRange
{
    /// <summary>Refuses values outside the range, and those that are not numbers.</summary>
    public static Option<T> Within<T>(this Option<T> option, T least, T most)
        where T : INumber<T>
    {
        option.Validators.Add(result =>
        {
            // A token that is no number has been complained about already.
            if (result.Errors.Any() || result.Tokens is not [var token] || !T.TryParse(token.Value, null, out var value))
                return;
            if (!(value >= least && value <= most))
                result.AddError($"{option.Name} must be {least} .. {most}, not {token.Value}");
        });
        return option;
    }

    /// <summary>The same for one that need not be given.</summary>
    public static Option<int?> Within(this Option<int?> option, int least, int most)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var value) && (value < least || value > most))
                result.AddError($"{option.Name} must be {least} .. {most}, not {value}");
        });
        return option;
    }
}
