using Bioscope.Core;
using Bioscope.Server.Accounts;
using Bioscope.Server.Creators;
using Bioscope.Server.Http;
using Bioscope.Server.Ingest;

namespace Bioscope.Server.Import;

/// <summary>Reads one line of an import: a JSON object whose <c>type</c> says what it is.</summary>
internal sealed class ImportLine(byte[] visitorSecret, TimeProvider clock)
{
    private const int MostText = 255;

    /// <returns>
    /// A <see cref="NewCreator"/>, <see cref="BioLinkRow"/>, <see cref="SessionRow"/> or <see cref="PageViewRow"/>; or null and what is wrong with the line.
    /// </returns>
    public (object? Row, string? Problem) Read(ReadOnlyMemory<byte> line)
    {
        var (body, refusal) = JsonBody.Parse(line);
        if (body is null)
        {
            return (null, refusal!.Details[0].TrimEnd('.').Replace("The body", "the line", StringComparison.Ordinal));
        }

        using (body)
        {
            var row = Read(body, body.RequiredText("type", 1, MostText));
            return body.Problem is { } problem ? (null, string.Join("; ", problem.Details)) : (row, null);
        }
    }

    private object? Read(JsonBody body, string type)
    {
        switch (type)
        {
            case "creator":
                return Creator(body);
            case "link":
                return Link(body);
            case "session":
                return Session(body);
            case "pageview":
                return PageView(body);
            default:
                body.Refuse("type", "must be creator, link, session or pageview");
                return null;
        }
    }

    private static NewCreator Creator(JsonBody body)
    {
        var password = body.OptionalText("password", int.MaxValue);
        if (password?.Length > Passwords.MostChars)
        {
            body.Refuse("password", $"must have at most {Passwords.MostChars} characters");
        }

        return new NewCreator(body.RequiredUuid("userId"))
        {
            CreatorId = body.OptionalUuid("creatorId"),
            BioPageId = body.OptionalUuid("bioPageId"),
            Email = body.OptionalText("email", CreatorStore.MostEmailChars),
            Password = password,
            Handle = body.OptionalText("handle", MostText),
            Title = body.OptionalText("title", BioPages.BioEditing.MostTitle),
            Description = body.OptionalText("description", BioPages.BioEditing.MostDescription),
        };
    }

    private static BioLinkRow Link(JsonBody body) => new(
        body.RequiredUuid("id"), body.RequiredUuid("bioPageId"), body.RequiredText("title", 0, 1000), body.RequiredText("url", 1, 8192))
    {
        Position = body.OptionalCount("position") ?? 0,
        Active = body.OptionalBoolean("active") ?? true,
    };

    private SessionRow Session(JsonBody body)
    {
        var referrer = body.OptionalRawText("referrer");
        return new SessionRow
        {
            BioPageId = body.RequiredUuid("bioPageId"),
            Id = body.OptionalUuid("id") ?? Guid.CreateVersion7(clock.GetUtcNow()),
            VisitorId = VisitorHash.Of(visitorSecret, body.RequiredText("visitorId", 1, 128)),
            Referrer = Referrer.ForStorage(referrer),
            ReferrerDomain = body.OptionalText("referrerDomain", int.MaxValue) ?? Referrer.Domain(referrer),
            Country = body.OptionalText("country", MostText),
            CountryCode = body.OptionalText("countryCode", MostText),
            Device = body.OptionalText("device", MostText),
            Browser = body.OptionalText("browser", MostText),
            Os = body.OptionalText("os", MostText),
            StartedAt = body.RequiredInstant("startedAt"),
            Duration = body.OptionalCount("duration") ?? 0,
            PageViews = body.OptionalCount("pageViews") ?? 0,
        };
    }

    private PageViewRow PageView(JsonBody body) => new()
    {
        BioPageId = body.RequiredUuid("bioPageId"),
        Id = body.OptionalUuid("id") ?? Guid.CreateVersion7(clock.GetUtcNow()),
        SessionId = body.RequiredUuid("sessionId"),
        Path = body.OptionalText("path", 2048),
        EnteredAt = body.RequiredInstant("enteredAt"),
        LinkClicked = body.OptionalUuid("linkClicked"),
        Duration = body.OptionalCount("duration"),
    };
}
