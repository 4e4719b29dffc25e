using System.Diagnostics;
using Peer.Protocol;

namespace Peer.Tests.Stories;

/// <summary>
/// What somebody says, to whom, and who is to hear it. It is said once, but again where it is unreliable and nobody has heard it yet: such a packet may be lost,
/// most of all where the processor has much else to do.
/// </summary>
internal sealed record Speech(Player From, string Text, int Target, int Channel, TransferMode Mode, params Player[] Listeners)
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);

    private bool IsHeard => Listeners.All(listener => listener.HasHeard(new Words(From.Id, Channel, Mode, Text)));

    /// <summary>Says all of it until everybody has heard it.</summary>
    public static void Heard(Arena arena, params IReadOnlyCollection<Speech> speeches)
    {
        var waiting = speeches.ToList();
        Until(arena, waiting, () =>
        {
            waiting.RemoveAll(speech => speech.IsHeard);
            return waiting.Count == 0;
        });
    }

    /// <summary>Says it until it has had an effect.</summary>
    public void Until(Arena arena, Func<bool> isSo) => Until(arena, [this], isSo);

    private static void Until(Arena arena, List<Speech> waiting, Func<bool> isSo)
    {
        foreach (var speech in waiting)
            speech.Say();
        var said = Stopwatch.GetTimestamp();
        arena.Until(
            () =>
            {
                if (isSo())
                    return true;
                if (Stopwatch.GetElapsedTime(said) < Again)
                    return false;
                foreach (var speech in waiting.Where(speech => speech.Mode != TransferMode.Reliable))
                    speech.Say();
                said = Stopwatch.GetTimestamp();
                return false;
            },
            $"what {waiting[0].From.Name} says, \"{waiting[0].Text}\" ({waiting.Count} in all, {string.Join(", ", waiting.Select(speech => speech.Mode).Distinct())}), is heard");
    }

    private void Say() => Assert.Equal(Error.Ok, From.Say(Text, Target, Channel, Mode));
}
