using System.Net;
using Peer.Actors;
using Peer.Protocol;
using Peer.Protocol.Handshake;
using Peer.Tests.Attacks;
using Peer.Tests.Stories;
using Xunit.Abstractions;

namespace Peer.Tests.Admission;

/// <summary>What the operator of a server may decide about newcomers, over real sockets.</summary>
public sealed class AdmissionStories(ITestOutputHelper output)
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Fact]
    public void A_hook_decides_who_comes_in_and_its_words_reach_the_client()
    {
        var hook = new Hook(request => request.ApplicationData.Span.SequenceEqual("knock"u8)
            ? AdmissionVerdict.Admit
            : AdmissionVerdict.Refuse("members only", DisconnectReason.Banned));
        using var fortress = new Fortress(output, bystanders: 1, options: new ServerOptions { Admission = hook }, ticket: () => Saying("knock"));
        var refused = fortress.Arena.Fail(fortress.Port, Saying("bang"));
        Assert.Equal((DisconnectReason.Banned, "members only"), (refused.Peer.LastDisconnect.Reason, refused.Peer.LastDisconnect.Text));
        fortress.Welcomes(Saying("knock"));

        // A HELLO that was on its way when the refusal left is asked about once more.
        Assert.Equal(2, hook.Asked.Count(request => request.ApplicationData.Span.SequenceEqual("knock"u8)));
        Assert.InRange(hook.Asked.Count, 3, 9);
        Assert.All(hook.Asked, request => Assert.True(IPAddress.IsLoopback(request.From.Address)));
        Assert.InRange(fortress.Counters.Refusals[DisconnectReason.Banned], 1, 7);
        fortress.Undisturbed();
    }

    [Fact]
    public void A_hook_sees_what_the_backend_said_in_the_token_and_so_do_subscribers()
    {
        var hook = new Hook(request => request.ClientId == 7 ? AdmissionVerdict.Admit : AdmissionVerdict.Refuse("not today"));
        var port = Arena.FreePort();
        using var fortress = new Fortress(output, Tokens(port), 0, new ServerOptions { Admission = hook }, port);
        var seven = fortress.Welcomes(new ClientOptions { Token = Token(port, 7) });
        Assert.Equal(DisconnectReason.Refusing, fortress.Arena.Fail(port, new ClientOptions { Token = Token(port, 8) }).Peer.LastDisconnect.Reason);
        Assert.Equal([7UL, 8UL], hook.Asked.Select(request => request.ClientId!.Value).Distinct());
        Assert.All(hook.Asked, request => Assert.Equal("vip"u8.ToArray(), request.UserData.ToArray()));
        Assert.True(fortress.Server.Knows(seven.Id));
    }

    [Fact]
    public void A_hook_that_throws_refuses_and_hurts_nobody_else()
    {
        var hook = new Hook(request => request.ApplicationData.IsEmpty ? AdmissionVerdict.Admit : throw new InvalidOperationException("secret of the house"));
        using var fortress = new Fortress(output, options: new ServerOptions { Admission = hook });
        fortress.Withstands(3, _ =>
        {
            var refused = fortress.Arena.Fail(fortress.Port, Saying("boom"));
            Assert.Equal(DisconnectReason.Refusing, refused.Peer.LastDisconnect.Reason);
            Assert.DoesNotContain("secret", refused.Peer.LastDisconnect.Text, StringComparison.Ordinal);
        });
        Assert.InRange(fortress.Counters.AdmissionsFailed, 3, 9);
        fortress.Welcomes();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_hook_that_hangs_refuses_in_time_and_hurts_nobody_else(bool blocks)
    {
        using var release = new ManualResetEventSlim();
        var released = new TaskCompletionSource();
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<IPEndPoint, bool>();
        var hook = new Hook(async request =>
        {
            if (!request.ApplicationData.IsEmpty)
            {
                // A HELLO that was on its way when the refusal left is asked about once more: it must not take the last thread.
                if (!seen.TryAdd(request.From, true))
                    return AdmissionVerdict.Refuse("not again");
                if (blocks)
                    release.Wait(TimeSpan.FromSeconds(60));
                else
                    await released.Task;
            }

            return AdmissionVerdict.Admit;
        });
        using var fortress = new Fortress(output, "actorpeer.server.admission-timeout = 2s", options: new ServerOptions { Admission = hook });
        fortress.Withstands(3, _ => Assert.Equal(DisconnectReason.Refusing, fortress.Arena.Fail(fortress.Port, Saying("wait")).Peer.LastDisconnect.Reason));

        Assert.Equal(3, fortress.Counters.AdmissionsOverdue);
        fortress.Until(() => fortress.Counters.HalfOpen == 0, "nobody is waiting any more");

        // Three of its four threads hang, and the fourth still serves.
        fortress.Welcomes();
        release.Set();
        released.SetResult();
        fortress.Undisturbed();
    }

    [Fact]
    public void A_ban_puts_out_who_is_in_and_keeps_out_who_comes_until_it_is_lifted()
    {
        using var fortress = new Fortress(output, bystanders: 1);
        var guest = fortress.Arena.Dial(fortress.Port, new ClientOptions { BindAddress = "127.0.5.1" });
        fortress.Until(() => guest.IsConnected && fortress.Server.Knows(guest.Id), "the guest is in");
        fortress.Command(new Ban(IPNetwork.Parse("2001:db8::/32")));
        fortress.Command(new Ban(IPNetwork.Parse("127.0.5.0/24")));
        fortress.Until(() => guest.Signals.Contains("server gone"), "the guest is put out");
        Assert.Equal(DisconnectReason.Banned, guest.Peer.LastDisconnect.Reason);
        Assert.Equal(DisconnectReason.Banned, fortress.Arena.Fail(fortress.Port, new ClientOptions { BindAddress = "127.0.5.9" }).Peer.LastDisconnect.Reason);
        fortress.Welcomes(new ClientOptions { BindAddress = "127.0.6.1" });

        fortress.Command(new Unban(IPNetwork.Parse("127.0.5.0/24")));
        fortress.Welcomes(new ClientOptions { BindAddress = "127.0.5.1" });
        fortress.Undisturbed();
    }

    [Fact]
    public void A_banned_client_is_kept_out_whatever_address_it_comes_from()
    {
        var port = Arena.FreePort();
        using var fortress = new Fortress(output, Tokens(port), 0, null, port);
        var seven = fortress.Welcomes(new ClientOptions { Token = Token(port, 7) });
        var id = seven.Id;
        fortress.Command(new BanClient(7));
        fortress.Until(() => seven.Signals.Contains("server gone"), "seven is put out");
        fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), "the server hears of it");
        Assert.Equal(DisconnectReason.Banned, fortress.Arena.Fail(port, new ClientOptions { Token = Token(port, 7), BindAddress = "127.0.9.9" }).Peer.LastDisconnect.Reason);
        var eight = fortress.Welcomes(new ClientOptions { Token = Token(port, 8) });

        fortress.Command(new BanPeer(eight.Id, TimeSpan.FromMinutes(1)));
        fortress.Until(() => eight.Signals.Contains("server gone"), "eight is put out");
        Assert.Equal(DisconnectReason.Banned, fortress.Arena.Fail(port, new ClientOptions { Token = Token(port, 9) }).Peer.LastDisconnect.Reason);
        fortress.Command(new Unban(IPNetwork.Parse("127.0.0.1/32")));
        fortress.Welcomes(new ClientOptions { Token = Token(port, 9) });
        Assert.Equal(DisconnectReason.Banned, fortress.Arena.Fail(port, new ClientOptions { Token = Token(port, 8) }).Peer.LastDisconnect.Reason);
        Assert.Equal(2, fortress.Counters.Bans);
    }

    [Fact]
    public void A_network_that_the_settings_ban_is_kept_out()
    {
        using var fortress = new Fortress(output, "actorpeer.server.banned = [\"127.0.7.0/24\"]", bystanders: 0);
        fortress.Welcomes(new ClientOptions { BindAddress = "127.0.5.1" });
        Assert.Equal(DisconnectReason.Banned, fortress.Arena.Fail(fortress.Port, new ClientOptions { BindAddress = "127.0.7.7" }).Peer.LastDisconnect.Reason);
    }

    [Theory]
    [InlineData("refuse", false)]
    [InlineData("replace", true)]
    [InlineData("allow", true)]
    public void A_second_token_of_a_connected_client_is_treated_as_the_settings_say(string setting, bool getsIn)
    {
        var port = Arena.FreePort();
        using var fortress = new Fortress(output, $"{Tokens(port)}\nactorpeer.server.same-client = {setting}", 0, null, port);
        var first = fortress.Welcomes(new ClientOptions { Token = Token(port, 7) });
        var second = fortress.Arena.Dial(port, new ClientOptions { Token = Token(port, 7) });
        fortress.Until(() => second.Signals.Count > 0, "the second is answered");
        Assert.Equal(getsIn, second.IsConnected);
        if (setting == "replace")
        {
            fortress.Until(() => first.Signals.Contains("server gone"), "the first makes room");
            Assert.Equal(DisconnectReason.IdInUse, first.Peer.LastDisconnect.Reason);
        }

        fortress.Until(() => true, "a turn");
        Assert.Equal(setting != "replace", first.IsConnected);

        // Once all of them have gone the client may come again.
        foreach (var (player, id) in new[] { (first, first.Id), (second, second.Id) })
        {
            player.End();
            fortress.Until(() => id == 0 || !fortress.Server.Knows(id), "it is gone");
        }

        fortress.Welcomes(new ClientOptions { Token = Token(port, 7) });
    }

    [Fact]
    public void A_token_key_is_changed_without_anybody_being_kept_out()
    {
        var port = Arena.FreePort();
        byte[] next = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];

        // First the servers learn the new key beside the old one, then the backend begins to use it, and at last the old one goes.
        using (var overlap = new Fortress(output, Tokens(port, (1, Key), (2, next)), 0, null, port))
        {
            overlap.Welcomes(new ClientOptions { Token = Token(port, 7) });
            overlap.Welcomes(new ClientOptions { Token = Token(port, 8, 2, next) });
        }

        using var after = new Fortress(output, Tokens(port, (2, next)), 0, null, port);
        after.Welcomes(new ClientOptions { Token = Token(port, 9, 2, next) });
        Assert.Equal(DisconnectReason.TokenInvalid, after.Arena.Fail(port, new ClientOptions { Token = Token(port, 9) }).Peer.LastDisconnect.Reason);
    }

    private static ClientOptions Saying(string text) => new() { ApplicationData = System.Text.Encoding.UTF8.GetBytes(text) };

    private static string Tokens(int port) => Tokens(port, (1, Key));

    private static string Tokens(int port, params (byte Id, byte[] Key)[] keys) => $$"""
        actorpeer.server {
          require-token = on
          token-keys { {{string.Join(", ", keys.Select(key => $"\"{key.Id}\" = \"{Convert.ToBase64String(key.Key)}\""))}} }
          token-servers = ["127.0.0.1:{{port}}"]
        }
        """;

    private static string Token(int port, ulong client, byte keyId = 1, byte[]? key = null) =>
        new ConnectTokenIssuer(keyId, key ?? Key, "actorpeer", SystemRandomSource.Instance)
            .Issue(client, [$"127.0.0.1:{port}"], DateTimeOffset.UtcNow.ToUnixTimeSeconds(), TimeSpan.FromSeconds(60), "vip"u8)
            .ToString();

    private sealed class Hook(Func<AdmissionRequest, ValueTask<AdmissionVerdict>> decide) : IAdmission
    {
        public Hook(Func<AdmissionRequest, AdmissionVerdict> decide)
            : this(request => ValueTask.FromResult(decide(request)))
        {
        }

        public System.Collections.Concurrent.ConcurrentQueue<AdmissionRequest> Asked { get; } = new();

        public ValueTask<AdmissionVerdict> DecideAsync(AdmissionRequest request, CancellationToken cancellation)
        {
            Asked.Enqueue(request);
            return decide(request);
        }
    }
}
