using System.Data.Common;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Server.Geo;
using Bioscope.Server.Web;

namespace Bioscope.Server.Auditing;

/// <summary>
/// Writes what requests did into <see cref="AuditLog"/>, before they are answered. Of the client's address it keeps only the provider's
/// network and the country.
/// </summary>
internal sealed partial class Audit(AuditLog events, ClientAddress addresses, Countries countries, ILogger<Audit> log)
{
    /// <summary>
    /// Writes that the signed-in user or the API key did something; without one, the user whom it is about did it. Nothing is written where
    /// the databases are another service's.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="kind">What was done, of <see cref="AuditKind"/>.</param>
    /// <param name="user">Whose account it is about; null for the signed-in user's.</param>
    /// <param name="page">Which page it is about; null for none.</param>
    /// <param name="subject">The id of what was changed; no name and no secret.</param>
    public static Task WriteAsync(HttpContext http, string kind, Guid? user = null, Guid? page = null, string? subject = null)
    {
        Guid? actor = Uuid.TryParse(http.User.FindFirst("sub")?.Value, out var signedIn) ? signedIn : null;
        return http.RequestServices.GetService<Audit>() is not { } audit ? Task.CompletedTask : audit.WriteAsync(
            http,
            new AuditEvent(kind, OriginOf(http))
            {
                ActorId = actor ?? ApiKey.Of(http)?.Id ?? (kind == AuditKind.SignInRefused ? null : user),
                UserId = user ?? actor,
                BioPageId = page,
                Subject = subject,
            });
    }

    /// <summary>The route, because an address may hold a secret.</summary>
    private static string OriginOf(HttpContext http) =>
        "/" + (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.Trim('/');

    private async Task WriteAsync(HttpContext http, AuditEvent what)
    {
        var address = addresses.Of(http);
        try
        {
            // It was done already, so a browser that goes away does not hide it.
            await events.WriteAsync(
                what with { Network = ClientNetwork.Wide(address).ToString(), Country = countries.Of(address).CountryCode }, CancellationToken.None);
        }
        catch (DbException e)
        {
            Log.NotWritten(log, what.Kind, what.UserId, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The audit lacks an event: {Kind} of user {User} could not be written: {Reason}")]
        public static partial void NotWritten(ILogger logger, string kind, Guid? user, string reason);
    }
}
