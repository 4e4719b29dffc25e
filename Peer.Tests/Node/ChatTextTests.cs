using System.Text;
using Peer.Node;
using Peer.Protocol;

namespace Peer.Tests.Node;

public sealed class ChatTextTests
{
    [Theory]
    [InlineData("hello", "hello")]
    [InlineData("grüße, 世界 😀", "grüße, 世界 😀")]
    [InlineData("\u001b[31mred\u0007", "\uFFFD[31mred\uFFFD")]
    [InlineData("two\nlines\r", "two\uFFFDlines\uFFFD")]
    [InlineData("\u202Egnp.exe", "\uFFFDgnp.exe")]
    [InlineData("\u009b2J", "\uFFFD2J")]
    public void What_a_peer_says_cannot_drive_the_terminal(string said, string shown) =>
        Assert.Equal(shown, ChatText.Show(ChatText.Encode(said)));

    [Fact]
    public void Bytes_that_are_no_text_are_counted() =>
        Assert.Equal("(3 bytes that are not text)", ChatText.Show([0xFF, 0x00, 0xC3]));

    [Fact]
    public void A_very_long_line_is_cut() =>
        Assert.Equal(new string('x', 4000) + "…", ChatText.Show(Encoding.UTF8.GetBytes(new string('x', 5000))));

    [Fact]
    public void Reasons_have_their_text_when_there_is_one()
    {
        Assert.Equal("Closed", ChatText.Why(DisconnectInfo.Of(DisconnectReason.Closed)));
        Assert.Equal("Kicked: be nice\uFFFD", ChatText.Why(DisconnectInfo.Of(DisconnectReason.Kicked, "be nice\u001b")));
    }

    [Fact]
    public void The_server_has_a_name_and_the_others_have_numbers() =>
        Assert.Equal(("server", "77"), (ChatText.Name(1), ChatText.Name(77)));
}
