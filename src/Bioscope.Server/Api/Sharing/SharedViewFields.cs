using System.Text.RegularExpressions;
using Bioscope.Core;
using Bioscope.Engine.Json;
using Bioscope.Server.Accounts;
using Bioscope.Server.Web;
using NodaTime;

namespace Bioscope.Server.Api.Sharing;

/// <summary>The fields of a view to share.</summary>
internal sealed partial record SharedViewFields(
    string Title, SharedQuestion Question, Guid? Link, IReadOnlyList<string> Blocks, bool ShowsName, string? Password,
    IReadOnlyList<string> EmbedOrigins, DateTimeOffset? ExpiresAt)
{
    /// <summary>The maximum of sites that may embed a view: all of them are in a header of each answer.</summary>
    public const int MaxOrigins = 10;

    private static readonly string[] UsualBlocks = [SharedBlock.Figures, SharedBlock.Trend];

    /// <summary>Reads and validates a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="zone">The time zone of a question that names none.</param>
    /// <param name="now">A view must expire after that.</param>
    public static SharedViewFields Read(JsonBody body, DateTimeZone zone, DateTimeOffset now)
    {
        var expiresAt = body.OptionalInstant("expiresAt");
        if (expiresAt <= now)
        {
            body.Refuse("expiresAt", "must be in the future");
        }

        var question = SharedQuestion.Read(body, "question", zone);
        return new SharedViewFields(
            DisplayText.RequiredLine(body, "title"),
            question,
            body.OptionalUuid("link"),
            BlocksOf(body, question),
            body.OptionalBoolean("showsName") ?? false,
            PasswordOf(body),
            OriginsOf(body),
            expiresAt);
    }

    private static string[] BlocksOf(JsonBody body, SharedQuestion question)
    {
        if (body.OptionalTexts("blocks") is not { } blocks)
        {
            return UsualBlocks;
        }

        if (blocks.Count == 0 || blocks.Any(block => !SharedBlock.All.Contains(block)))
        {
            body.Refuse("blocks", $"must be a list of at least one of {string.Join(", ", SharedBlock.All)}");
        }
        else if (question.Filters.Count > 0 && blocks.FirstOrDefault(SharedBlock.Unfiltered.Contains) is { } block)
        {
            // It would say something of visits that the filters leave out.
            body.Refuse("blocks", $"must not contain {block} with filters, which do not apply to it");
        }

        return [.. SharedBlock.All.Where(blocks.Contains)];
    }

    private static string? PasswordOf(JsonBody body)
    {
        if (body.OptionalRawText("password") is not { } password)
        {
            return null;
        }

        if (password.Length is < Passwords.MinChars or > Passwords.MaxChars)
        {
            body.Refuse("password", $"must have {Passwords.MinChars} to {Passwords.MaxChars} characters");
        }
        else if (Passwords.Problem(password) is { } problem)
        {
            body.Refuse("password", problem);
        }

        return password;
    }

    private static IReadOnlyList<string> OriginsOf(JsonBody body)
    {
        if (body.OptionalTexts("embedOrigins") is not { Count: > 0 } texts)
        {
            return [];
        }

        if (texts.Count > MaxOrigins)
        {
            body.Refuse("embedOrigins", $"must be at most {MaxOrigins} sites");
            return [];
        }

        var origins = new List<string>();
        foreach (var text in texts)
        {
            if (SiteOrigin.Of(text) is { } origin && PlainOrigin().IsMatch(origin))
            {
                origins.Add(origin);
            }
            else
            {
                body.Refuse("embedOrigins", "must be addresses of web sites, such as https://blog.example");
                break;
            }
        }

        return [.. origins.Distinct()];
    }

    // The standard allows * and ; in a host, but in the policy that lists the origins they mean something else.
    [GeneratedRegex(@"\Ahttps?://([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?\z")]
    private static partial Regex PlainOrigin();
}

/// <summary>What a shared view may show.</summary>
internal static class SharedBlock
{
    public const string Figures = "figures", Trend = "trend", Sources = "sources", Links = "links", Countries = "countries",
        Devices = "devices", Quality = "quality", NotCounted = "notCounted", Live = "live";

    /// <summary>All of them, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = [Live, Figures, NotCounted, Trend, Sources, Links, Countries, Devices, Quality];

    /// <summary>Those that do not know filters.</summary>
    public static IReadOnlyList<string> Unfiltered { get; } = [Live, NotCounted];
}
