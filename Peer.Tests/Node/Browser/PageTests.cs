namespace Peer.Tests.Node.Browser;

/// <summary>The page of a node, as a browser shows it.</summary>
[Trait("Category", "Process")]
public sealed class PageTests
{
    [ChromiumFact]
    public void A_browser_shows_who_is_there_and_follows_joining_leaving_and_the_end()
    {
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1", "--http", "0", "--name", "<b>page</b>");
        var port = server.Expect("listening on port").Split(' ')[3].TrimEnd(';');
        var address = server.Expect("HTTP on").Split(' ')[2];
        using var browser = new Chromium(1280, 900, dark: false);
        browser.Go(address);
        browser.Until("document.body?.dataset.answers > 0");

        Assert.Equal("<b>page</b>", $"{browser.Evaluate("document.getElementById('application').textContent")}");
        browser.Until("document.getElementById('state').textContent === 'ready'");
        Assert.Equal("Nobody is here", $"{browser.Evaluate("document.querySelector('#peers tbody').innerText")}");

        using var ann = new ProgramProcess("join", $"127.0.0.1:{port}", "--name", "<b>page</b>");
        var id = ann.Expect("connected to").Split(' ')[^1];
        browser.Until($"document.querySelector('#peers tbody').innerText.includes('{id}')");
        browser.Until("document.getElementById('tile-peers').textContent.startsWith('1 ')");
        browser.Until("parseFloat(document.getElementById('tile-trip').textContent) > 0");
        Assert.Equal(1, browser.Evaluate("document.querySelectorAll('#rooms tbody tr').length")!.GetValue<int>());

        ann.Signal("TERM");
        ann.End();
        browser.Until("document.querySelector('#peers tbody').innerText.includes('Nobody')");

        Assert.Empty(browser.Complaints);
        Assert.All(browser.Requests, request => Assert.StartsWith(address, request, StringComparison.Ordinal));

        server.Signal("TERM");
        Assert.Equal(0, server.End().Code);
        browser.Until("!document.getElementById('trouble').hidden && document.getElementById('state').textContent === 'silent'");
    }

    [ChromiumFact]
    public void On_a_phone_nothing_runs_off_the_side_in_light_or_dark()
    {
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1", "--http", "0");
        var port = server.Expect("listening on port").Split(' ')[3].TrimEnd(';');
        var address = server.Expect("HTTP on").Split(' ')[2];
        using var ann = new ProgramProcess("join", $"127.0.0.1:{port}");
        ann.Expect("connected to");
        var grounds = new List<string>();
        foreach (var dark in (bool[])[false, true])
        {
            using var browser = new Chromium(360, 740, dark);
            browser.Go(address);
            browser.Until("document.querySelectorAll('#peers tbody td').length > 1");
            Assert.Equal(360, browser.Evaluate("document.documentElement.scrollWidth")!.GetValue<int>());
            Assert.True(browser.Evaluate("parseFloat(getComputedStyle(document.querySelector('td')).fontSize) >= 16")!.GetValue<bool>());
            Assert.True(browser.Evaluate(Contrast)!.GetValue<double>() >= 4.5, "the faintest text can be read");
            grounds.Add($"{browser.Evaluate("getComputedStyle(document.body).backgroundColor")}");
            Assert.Empty(browser.Complaints);
        }

        Assert.NotEqual(grounds[0], grounds[1]);
    }

    /// <summary>With PEER_PICTURES set to a folder, they are put there: <c>PEER_PICTURES=docs dotnet test Peer.Tests --filter FullyQualifiedName~PageTests</c>.</summary>
    [ChromiumFact]
    public void The_pictures_of_the_docs_show_rooms_in_use_with_who_is_in_them_and_are_small()
    {
        using var server = new ProgramProcess(
            "serve", "--cluster", "--port", "0", "--bind", "127.0.0.1", "--http", "0", "--quiet", "--name", "pictures", "--set", "actorpeer.resume.ticket-keys=[\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"]");
        var door = server.Expect("door at").Split(' ')[2].TrimEnd(',');
        var address = server.Expect("HTTP on").Split(' ')[2];
        using var load = new ProgramProcess("load", door, "--name", "pictures", "--rooms", "3", "--bots", "8", "--rate", "20", "--seconds", "600");
        load.Expect("talking: 8 of 8");
        foreach (var (file, width, height, dark) in (ReadOnlySpan<(string, int, int, bool)>)[("dashboard.png", 1100, 700, false), ("dashboard-phone.png", 390, 800, true)])
        {
            using var browser = new Chromium(width, height, dark);
            browser.Go(address);
            browser.Until("document.body?.dataset.answers > 5");
            browser.Until("document.querySelectorAll('#peers tbody tr').length === 8");
            var picture = browser.Picture();
            Assert.InRange(picture.Length, 8_000, 150_000);
            if (Environment.GetEnvironmentVariable("PEER_PICTURES") is { Length: > 0 } folder)
                File.WriteAllBytes(Path.Combine(folder, file), picture);
        }
    }

    /// <summary>The contrast of the faintest text against its ground, as WCAG 2 computes it.</summary>
    private const string Contrast = """
        (() => {
          const light = text => {
            const [r, g, b] = text.match(/[\d.]+/g).map(part => part / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
          };
          const pairs = [...document.querySelectorAll('dt, th, td, .state, a')].map(element => {
            let under = element;
            while (getComputedStyle(under).backgroundColor === 'rgba(0, 0, 0, 0)') under = under.parentElement;
            const [a, b] = [light(getComputedStyle(element).color), light(getComputedStyle(under).backgroundColor)];
            return Math.max(a, b) / Math.min(a, b);
          });
          return Math.min(...pairs);
        })()
        """;
}
