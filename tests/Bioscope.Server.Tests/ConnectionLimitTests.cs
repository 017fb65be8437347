using System.Net.Sockets;

namespace Bioscope.Server.Tests;

public sealed class ConnectionLimitTests
{
    private static readonly byte[] Request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    [Fact]
    public async Task Connections_over_the_limit_are_closed_and_counted()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Limits:ConnectionsPerAddress", "3"));
        Assert.Equal("0", await app.MetricAsync("bioscope_http_connections_refused_total")); // with the first connection
        var second = await OpenAsync(app);
        var third = await OpenAsync(app);
        Assert.True(await IsServedAsync(second));
        Assert.True(await IsServedAsync(third));

        Assert.False(await IsServedAsync(await OpenAsync(app)));
        Assert.False(await IsServedAsync(await OpenAsync(app)));
        Assert.True(await IsServedAsync(second)); // open connections stay open
        Assert.Equal("2", await app.MetricAsync("bioscope_http_connections_refused_total"));

        third.Dispose();
        await Patience.UntilAsync(async () => await IsServedAsync(await OpenAsync(app)));
    }

    [Fact]
    public async Task Trusted_proxies_have_no_connection_limit()
    {
        await using var app = await TestApp.StartAsync(
            EngineKind.Sqlite, ("Limits:ConnectionsPerAddress", "1"), ("Proxies:Trusted", "127.0.0.1"));
        for (var i = 0; i < 5; i++)
        {
            Assert.True(await IsServedAsync(await OpenAsync(app)));
        }
    }

    private static async Task<TcpClient> OpenAsync(TestApp app)
    {
        var client = new TcpClient();
        await client.ConnectAsync(app.Http.BaseAddress!.Host, app.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
        return client;
    }

    private static async Task<bool> IsServedAsync(TcpClient client)
    {
        try
        {
            await client.GetStream().WriteAsync(Request, TestContext.Current.CancellationToken);
            return await client.GetStream().ReadAsync(new byte[1_024], TestContext.Current.CancellationToken) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
