using System.Text.Json;

namespace Peer.Node.Demo;

/// <summary>A child's line to its parent: JSON lines over standard input and output.</summary>
internal sealed class ParentLink(TextReader input, TextWriter output) : IDisposable
{
    private readonly LineSource _lines = new(input);

    /// <summary>The parent has gone, or wrote what it never writes; a child must not outlive it.</summary>
    public bool Gone { get; private set; }

    /// <summary>Takes the parent's next word, if there is one.</summary>
    public bool TryTake(out ParentWord word)
    {
        word = default;
        if (_lines.TryTake(out var line))
        {
            try
            {
                if (JsonSerializer.Deserialize(line, DemoJson.Default.ParentLine) is { } said)
                {
                    word = said.Word;
                    return true;
                }
            }
            catch (JsonException)
            {
            }

            Gone = true;
        }

        Gone |= _lines.Ended;
        return false;
    }

    public void Tell(ChildLine line)
    {
        output.WriteLine(JsonSerializer.Serialize(line, DemoJson.Default.ChildLine));
        output.Flush();
    }

    public void Dispose() => _lines.Dispose();
}
