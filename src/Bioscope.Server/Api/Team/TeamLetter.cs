using System.Text.Json.Nodes;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Team;

/// <summary>Sends the link of an invitation, unless it was used or revoked before.</summary>
internal sealed class TeamLetter(Members members, Settings settings) : ILetterKind
{
    public const string Name = "team";

    /// <summary>Where links lead, before their token.</summary>
    public const string Path = "/dashboard/team/join/";

    public string Kind => Name;

    public async Task<Letter?> ComposeAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var id = Guid.Parse((string)JsonNode.Parse(message.Data)!["invitation"]!);
        if (await members.FindAsync(id, cancellationToken) is not { Email: { } email } invited)
        {
            return null;
        }

        var url = $"{settings.PublicUrl}{Path}{members.TokenOf(id)}";
        var what = invited.Role == MemberRole.Editor ? "change it and see its figures" : "see its figures";
        return new Letter(
            email,
            "You are invited to a page",
            $"""
            {invited.Name} invites you to a page at {settings.PublicUrl}: you could {what}.

            To accept, open this link within 7 days. It works once.
            {url}

            If you do not know who that is, do nothing.

            """,
            Html.Of($"""
                {LetterHtml.Title(Html.Of($"You are invited to a page"))}
                {LetterHtml.Paragraph(Html.Of($"<b><bdi>{invited.Name}</bdi></b> invites you to a page at {settings.PublicUrl}: you could {what}."))}
                {LetterHtml.Button(url, "Open the invitation")}
                {LetterHtml.Note(Html.Of($"The link works once, for 7 days. If you do not know who that is, do nothing."))}
                """));
    }
}
