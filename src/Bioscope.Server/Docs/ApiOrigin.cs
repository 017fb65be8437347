using System.Text.RegularExpressions;

namespace Bioscope.Server.Docs;

/// <summary>The server's address in the document and in its page, which is known only during a request.</summary>
internal static partial class ApiOrigin
{
    /// <summary>Stands for the address until then. No host has this name.</summary>
    public const string Placeholder = "https://origin.invalid";

    /// <summary>
    /// The setting <c>PublicUrl</c>, otherwise what the request was sent to, with the base path. The caller controls the host, and it is
    /// part of a line for a shell, so one with other characters is replaced.
    /// </summary>
    public static string Of(HttpRequest request, string? publicUrl) => publicUrl
        ?? $"{request.Scheme}://{(request.Host.Value is { } given && HostPattern().IsMatch(given) ? given : "localhost:5000")}{request.PathBase.Value}";

    [GeneratedRegex("^[A-Za-z0-9.:\\[\\]-]{1,255}$")]
    private static partial Regex HostPattern();
}
