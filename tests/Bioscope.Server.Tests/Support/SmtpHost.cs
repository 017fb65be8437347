using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using MimeKit;
using SmtpServer;
using SmtpServer.ComponentModel;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace Bioscope.Server.Tests.Support;

/// <summary>A mail server on a random port that keeps what it accepts.</summary>
internal sealed partial class SmtpHost : MessageStore, IMailboxFilter, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<MimeMessage> _accepted = new();
    private Task _run = Task.CompletedTask;

    public int Port { get; private set; }

    /// <summary>What it accepted, oldest first.</summary>
    public IReadOnlyList<MimeMessage> Accepted => [.. _accepted];

    /// <summary>Addresses for which it refuses mail for good.</summary>
    public ConcurrentDictionary<string, bool> Unknown { get; } = new();

    /// <summary>Whether it answers every mail with "try again later".</summary>
    public bool IsBusy { get; set; }

    /// <summary>The settings of a server that sends its mail here.</summary>
    public (string Key, string Value)[] Settings =>
    [
        ("Mail:Server", $"127.0.0.1:{Port}"), ("Mail:From", "Bioscope <stats@links.example>"), ("PublicUrl", "https://links.example"),
    ];

    public static SmtpHost Start(int port = 0)
    {
        var host = new SmtpHost { Port = port == 0 ? PostgresCluster.FreePort() : port };
        var services = new ServiceProvider();
        services.Add((IMessageStore)host);
        services.Add((IMailboxFilter)host);
        var options = new SmtpServerOptionsBuilder()
            .ServerName("mail.test")
            .Endpoint(endpoint => endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, host.Port)))
            .Build();
        host._run = new global::SmtpServer.SmtpServer(options, services).StartAsync(host._stop.Token);
        Assert.False(host._run.IsFaulted, $"It cannot listen: {host._run.Exception?.Message}");
        return host;
    }

    /// <summary>Waits until it has accepted so many mails, and returns the last one.</summary>
    public async Task<MimeMessage> NextAsync(int count)
    {
        await Patience.UntilAsync(() => _accepted.Count >= count, $"{count} mails");
        Assert.Equal(count, _accepted.Count);
        return Accepted[^1];
    }

    /// <summary>The path of the only link in a mail's text that leads to a path.</summary>
    public static string PathIn(MimeMessage mail, string path) =>
        Assert.Single(
            Links().Matches(mail.TextBody ?? "").Select(link => link.Groups[1].Value), link => link.StartsWith(path, StringComparison.Ordinal));

    public override async Task<SmtpResponse> SaveAsync(
        ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
    {
        if (IsBusy)
        {
            return new SmtpResponse(SmtpReplyCode.MailboxUnavailable - 100, "try again later"); // 450
        }

        _accepted.Enqueue(await MimeMessage.LoadAsync(new MemoryStream(buffer.ToArray()), cancellationToken));
        return SmtpResponse.Ok;
    }

    public Task<bool> CanAcceptFromAsync(ISessionContext context, IMailbox from, int size, CancellationToken cancellationToken) =>
        Task.FromResult(true);

    public Task<bool> CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken) =>
        Task.FromResult(!Unknown.ContainsKey($"{to.User}@{to.Host}"));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _run;
        }
        catch (OperationCanceledException)
        {
            // It was stopped.
        }

        _stop.Dispose();
    }

    [GeneratedRegex(@"https://links\.example(/\S+)")]
    private static partial Regex Links();
}
