using Bioscope.Server.Configuration;
using MailKit.Security;
using Microsoft.Extensions.Configuration;

namespace Bioscope.Server.Tests;

/// <summary>How the settings name a mail server, and when a connection to it is encrypted.</summary>
public sealed class MailServerTests
{
    [Theory]
    [InlineData("smtp.example", "smtp.example", 587)]
    [InlineData("smtp.example:25", "smtp.example", 25)]
    [InlineData("127.0.0.1", "127.0.0.1", 587)]
    [InlineData("[::1]", "::1", 587)]
    [InlineData("[::1]:65535", "::1", 65535)]
    [InlineData("::1", "::1", 587)] // several colons and no bracket: no port
    public void A_host_may_have_a_port(string text, string host, int port) => Assert.Equal((host, port), MailServer.Parse(text));

    [Theory]
    [InlineData("smtp.example:")]
    [InlineData("smtp.example:0")]
    [InlineData("smtp.example:65536")]
    [InlineData("smtp.example:-1")]
    [InlineData("smtp.example:+25")]
    [InlineData("smtp.example:smtp")]
    [InlineData("smtp://smtp.example")]
    [InlineData("smtp.example/x")]
    [InlineData("a b")]
    [InlineData("[::1]:x")]
    public void Anything_else_is_no_host(string text)
    {
        Assert.Null(MailServer.Parse(text));
        Assert.Contains(
            $"Mail:Server: '{text}' is not a host such as smtp.example or smtp.example:587.",
            Assert.Throws<SettingsException>(() => Read(("Mail:Server", text), ("Mail:From", "a@b.example"), ("PublicUrl", "https://links.example"))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto", "smtp.example", 587, SecureSocketOptions.StartTls)]
    [InlineData("auto", "smtp.example", 25, SecureSocketOptions.StartTls)] // a password never crosses a network in clear
    [InlineData("auto", "smtp.example", 465, SecureSocketOptions.SslOnConnect)]
    [InlineData("auto", "localhost", 25, SecureSocketOptions.StartTlsWhenAvailable)]
    [InlineData("auto", "127.0.0.9", 25, SecureSocketOptions.StartTlsWhenAvailable)]
    [InlineData("auto", "::1", 25, SecureSocketOptions.StartTlsWhenAvailable)]
    [InlineData("auto", "localhost", 465, SecureSocketOptions.SslOnConnect)]
    [InlineData("auto", "localhost.example", 25, SecureSocketOptions.StartTls)]
    [InlineData("auto", "192.168.0.5", 25, SecureSocketOptions.StartTls)]
    [InlineData("tls", "smtp.example", 587, SecureSocketOptions.SslOnConnect)]
    [InlineData("starttls", "smtp.example", 465, SecureSocketOptions.StartTls)]
    [InlineData("none", "smtp.example", 465, SecureSocketOptions.None)]
    public void Mail_is_encrypted_except_to_this_machine_or_where_it_is_forbidden(string choice, string host, int port, SecureSocketOptions expected) =>
        Assert.Equal(
            expected,
            Read(
                ("Mail:Server", host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}"), ("Mail:Security", choice),
                ("Mail:From", "a@b.example"), ("PublicUrl", "https://links.example")).Mail!.Security);

    [Fact]
    public void A_sender_may_have_a_name_and_nobody_signs_in_without_a_user()
    {
        var mail = Read(("Mail:Server", "smtp.example"), ("Mail:From", "Bioscope <stats@links.example>"), ("PublicUrl", "https://links.example")).Mail!;

        Assert.Equal(
            ("smtp.example:587", "Bioscope", "stats@links.example", null, ""), (mail.ToString(), mail.From.Name, mail.From.Address, mail.User, mail.Password));
    }

    [Fact]
    public void Each_setting_that_is_missing_beside_a_server_is_named()
    {
        var problems = Assert.Throws<SettingsException>(() => Read(
            ("Mail:Server", "smtp.example"), ("Mail:Security", "ssl"), ("Mail:From", "stats"), ("Mail:User", "anna"))).Message.Split(Environment.NewLine);

        Assert.Equal(
            [
                "Mail:Security: 'ssl' is not one of auto, tls, starttls, none.",
                "Mail:From: it must be the address that sends mails, such as stats@links.example, when Mail:Server is set.",
                "Mail:User and Mail:Password: set both, or none.",
                "PublicUrl: it must be set when Mail:Server is set: mails link to this server.",
            ],
            problems);
    }

    [Fact]
    public void Without_a_server_the_other_settings_are_of_no_use()
    {
        var problems = Assert.Throws<SettingsException>(() => Read(("Mail:From", "a@b.example"), ("Mail:User", "x"), ("Mail:Password", "y"))).Message;

        Assert.Equal(
            ["Mail:User: it is of no use without Mail:Server.", "Mail:Password: it is of no use without Mail:Server.", "Mail:From: it is of no use without Mail:Server."],
            problems.Split(Environment.NewLine));
        Assert.Null(Read().Mail);
    }

    private static Settings Read(params (string Key, string Value)[] values) => Settings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build());
}
