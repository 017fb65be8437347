using Bioscope.Server.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>An address that opens something, such as an account, is not in the log, whatever fails.</summary>
public sealed class LoggedPathTests
{
    [Fact]
    public async Task Routes_with_a_secret_are_logged_as_routes()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.True(routes.Count > 100);

        var hidden = routes.Where(route => Logged(route, "/secret") == route.RoutePattern.RawText).Select(route => route.RoutePattern.RawText!).Distinct();

        Assert.Equal(
            [
                "/dashboard/confirm/{token}", "/dashboard/demo/{handle}/{token}", "/dashboard/join/{token}", "/dashboard/reset/{token}", "/dashboard/team/join/{token}",
                "/dashboard/unsubscribe/{kind}/{token}", "/s/{token}/", "/s/{token}/picture.png", "/s/{token}/proof.json",
            ],
            hidden.Order(StringComparer.Ordinal));
        // Ids open nothing.
        var names = routes.SelectMany(route => route.RoutePattern.Parameters).Select(part => part.Name).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(["dimension", "handle", "hash", "id", "key", "kind", "page", "size", "slug", "token"], names);
    }

    private static string Logged(Endpoint endpoint, string path)
    {
        var http = new DefaultHttpContext { Request = { Path = path } };
        http.SetEndpoint(endpoint);
        return Errors.Logged(http);
    }
}
