using System.Globalization;
using System.Text;
using System.Xml;

namespace Peer.Lab.Drawing;

/// <summary>Writes the few SVG elements that a drawing needs.</summary>
internal sealed class SvgSheet : IDisposable
{
    private const string Namespace = "http://www.w3.org/2000/svg";

    private readonly XmlWriter _xml;

    public SvgSheet(Stream stream, double width, double height)
    {
        _xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, IndentChars = "", CloseOutput = false });
        _xml.WriteStartElement("svg", Namespace);
        Set("width", width);
        Set("height", height);
        Set("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width:0.#} {height:0.#}"));
        Set("font-family", "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif");
        Set("font-size", 12);
    }

    /// <summary>Elements so far.</summary>
    public int Elements { get; private set; }

    public void BeginGroup(string kind, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin("g");
        Set("class", kind);
        foreach (var (name, value) in attributes)
            Set(name, value);
    }

    public void End() => _xml.WriteEndElement();

    public void ArrowHead(string id, string colour)
    {
        _xml.WriteRaw($"""<marker id="{id}" viewBox="0 0 6 6" refX="5.5" refY="3" markerWidth="5" markerHeight="5" orient="auto"><path d="M0 0.6 L6 3 L0 5.4z" fill="{colour}"/></marker>""");
    }

    public void Rectangle(double x, double y, double width, double height, string fill, double opacity = 1, string? tip = null)
    {
        Begin("rect");
        Set("x", x);
        Set("y", y);
        Set("width", Math.Max(0, width));
        Set("height", Math.Max(0, height));
        Set("fill", fill);
        if (opacity < 1)
            Set("fill-opacity", opacity);
        Tip(tip);
        End();
    }

    public void Line(double x1, double y1, double x2, double y2, string? stroke = null, string? dashes = null)
    {
        Begin("line");
        Set("x1", x1);
        Set("y1", y1);
        Set("x2", x2);
        Set("y2", y2);
        if (stroke is not null)
            Set("stroke", stroke);
        if (dashes is not null)
            Set("stroke-dasharray", dashes);
        End();
    }

    public void Path(string d, string? fill = null, string? tip = null)
    {
        Begin("path");
        Set("d", d);
        if (fill is not null)
            Set("fill", fill);
        Tip(tip);
        End();
    }

    public void Dot(double x, double y, double radius, string fill, string? stroke = null)
    {
        Begin("circle");
        Set("cx", x);
        Set("cy", y);
        Set("r", radius);
        Set("fill", fill);
        if (stroke is not null)
            Set("stroke", stroke);
        End();
    }

    public void Text(double x, double y, string text, string? fill = null, string? anchor = null, double size = 0, bool bold = false, string? tip = null)
    {
        Begin("text");
        Set("x", x);
        Set("y", y);
        if (fill is not null)
            Set("fill", fill);
        if (anchor is not null)
            Set("text-anchor", anchor);
        if (size > 0)
            Set("font-size", size);
        if (bold)
            Set("font-weight", "600");
        Tip(tip);
        _xml.WriteString(Printable(text));
        End();
    }

    public void Dispose()
    {
        _xml.WriteEndElement();
        _xml.Dispose();
    }

    private void Begin(string name)
    {
        Elements++;
        _xml.WriteStartElement(name, Namespace);
    }

    private void Tip(string? tip)
    {
        if (tip is not null)
            _xml.WriteElementString("title", Namespace, Printable(tip));
    }

    private void Set(string name, string value) => _xml.WriteAttributeString(name, value);

    private void Set(string name, double value) => Set(name, value.ToString("0.#", CultureInfo.InvariantCulture));

    // Names come from whoever wrote the scenario; XML knows no control characters.
    private static string Printable(string text) => string.Concat(text.Select(character => XmlConvert.IsXmlChar(character) ? character : '?'));
}
