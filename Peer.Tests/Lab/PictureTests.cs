using System.Xml.Linq;
using Peer.Lab.Drawing;
using Peer.Protocol;
using Peer.TestKit;

namespace Peer.Tests.Lab;

public sealed class PictureTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_picture_shows_what_was_sent_lost_delivered_and_signalled()
    {
        var picture = new Picture("Seed 7", "Star of 3", ["server", "ann", "bob"]) { End = 1_000_000 };
        picture.Flights.Add(new Flight(1, 0, 100_000, 150_000));
        picture.Flights.Add(new Flight(0, 2, 200_000, 260_000));
        picture.Flights.Add(new Flight(2, 0, 300_000, 300_000, "queue full"));
        picture.Packets.Add(new PacketDot(1, 100_000, Delivered: false, TransferMode.Reliable));
        picture.Packets.Add(new PacketDot(0, 150_000, Delivered: true, TransferMode.Reliable));
        picture.Signals.Add(new SignalMark(0, 120_000, Connected: true, "ann"));
        picture.Faults.Add(new FaultBand(FaultShade.Freeze, "freeze bob", 400_000, 600_000, [2]));
        picture.Notes.Add(new NoteLine(900_000, "broken: quiescence"));

        var (svg, _) = Draw(picture);

        Assert.Equal(2, Group(svg, "datagrams").Elements(Svg + "path").Count());
        Assert.Equal("queue full", Assert.Single(Group(svg, "lost").Elements(Svg + "path")).Element(Svg + "title")!.Value);
        Assert.Equal(2, Group(svg, "packets").Elements(Svg + "circle").Count());
        Assert.Equal(3, Group(svg, "lanes").Elements(Svg + "line").Count());
        Assert.Equal(2, Group(svg, "faults").Elements(Svg + "rect").Count());
        Assert.All((string[])["Seed 7", "Star of 3", "server", "ann", "bob", "+ann", "queue full", "freeze bob", "broken: quiescence"], text => Assert.Contains(text, Texts(svg)));
        Assert.DoesNotContain(svg.Descendants(), element => element.Attribute("class")?.Value == "dense");
    }

    [Fact]
    public void A_window_shows_only_what_happens_in_it()
    {
        var picture = new Picture("", "", ["a", "b"]) { End = 10_000_000 };
        for (var i = 0; i < 10; i++)
            picture.Flights.Add(new Flight(0, 1, i * 1_000_000L, (i * 1_000_000L) + 50_000));

        var (svg, _) = Draw(picture, 2_500_000, 5_500_000);

        Assert.Equal(3, Group(svg, "datagrams").Elements(Svg + "path").Count());
        Assert.Contains("3.0 s", Texts(svg));
        Assert.DoesNotContain("7.0 s", Texts(svg));
    }

    [Fact]
    public void A_long_run_of_many_peers_stays_a_small_picture()
    {
        var picture = Crowd();

        var (svg, bytes) = Draw(picture);

        Assert.InRange(bytes, 1, 1_500_000);
        Assert.InRange(svg.Descendants().Count(), 100, 5_000);
        Assert.NotEmpty(Group(svg, "dense").Elements(Svg + "path"));
    }

    [Fact]
    public void Quiet_stretches_of_a_busy_run_keep_their_arrows()
    {
        var picture = Crowd();
        picture = picture with { End = picture.End * 2 };
        picture.Flights.Add(new Flight(0, 1, picture.End - 1_000_000, picture.End - 900_000));

        var (svg, _) = Draw(picture);

        Assert.Single(Group(svg, "datagrams").Elements(Svg + "path"));
        Assert.NotEmpty(Group(svg, "dense").Elements(Svg + "path"));
    }

    [Fact]
    public void Names_with_characters_that_XML_does_not_know_do_not_break_it()
    {
        var picture = new Picture("<seed> & \u0001", "\"", ["a<b>", "c&d"]) { End = 10 };
        picture.Signals.Add(new SignalMark(0, 5, Connected: false, "\u0000x"));

        var (svg, _) = Draw(picture);

        Assert.Contains("<seed> & ?", Texts(svg));
        Assert.Contains("a<b>", Texts(svg));
        Assert.Contains("−?x", Texts(svg));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    [InlineData(900, 2000)]
    public void A_picture_of_nothing_is_still_a_picture(long from, long to)
    {
        var (svg, _) = Draw(new Picture("nothing", "", []) { End = 1 }, from, to);

        Assert.Contains("nothing", Texts(svg));
    }

    [Theory]
    [InlineData(1_000, 100)]
    [InlineData(3_000_000, 200_000)]
    [InlineData(40_000_000, 5_000_000)]
    [InlineData(400_000_000, 30_000_000)]
    [InlineData(600_000_000, 60_000_000)]
    [InlineData(86_400_000_000, 7_200_000_000)]
    public void Ticks_stand_at_round_times(long length, long step) =>
        Assert.Equal(step, new Window(0, length, 0, 1).TickStep(16));

    private static Picture Crowd()
    {
        const int Lanes = 16;
        const long Length = 600_000_000;
        var random = new SeededSource(1);
        var picture = new Picture("crowd", "", [.. Enumerable.Range(0, Lanes).Select(lane => $"peer{lane}")]) { End = Length };
        for (var i = 0; i < 60_000; i++)
        {
            var (from, to, at) = (random.Below(Lanes), random.Below(Lanes), random.Below((int)Length));
            picture.Flights.Add(random.Chance(0.1) ? new Flight(from, to, at, at, "lost") : new Flight(from, to, at, at + 40_000));
            picture.Packets.Add(new PacketDot(to, at, random.Chance(0.5), (TransferMode)random.Below(3)));
        }

        for (var i = 0; i < 5_000; i++)
            picture.Signals.Add(new SignalMark(random.Below(Lanes), random.Below((int)Length), random.Chance(0.5), $"peer{random.Below(Lanes)}"));
        for (var i = 0; i < 1_000; i++)
        {
            var at = random.Below((int)Length);
            picture.Faults.Add(new FaultBand((FaultShade)random.Below(5), "a fault with a name", at, at + 3_000_000, [random.Below(Lanes)]));
        }

        return picture;
    }

    private static (XElement Svg, long Bytes) Draw(Picture picture, long? from = null, long? to = null)
    {
        using var stream = new MemoryStream();
        PictureSheet.Write(picture, stream, from, to);
        stream.Position = 0;
        return (XDocument.Load(stream).Root!, stream.Length);
    }

    private static XElement Group(XElement svg, string kind) => svg.Elements(Svg + "g").Single(group => group.Attribute("class")?.Value == kind);

    private static List<string> Texts(XElement svg) => [.. svg.Descendants(Svg + "text").Select(text => string.Concat(text.Nodes().OfType<XText>().Select(node => node.Value)))];
}
