using System.CommandLine;
using System.Globalization;
using Bioscope.Engine.Creators;
using Bioscope.Server.Configuration;
using Bioscope.Server.Dashboard;
using Bioscope.Server.Demo;
using Bioscope.Server.Web;

namespace Bioscope.Server.Commands;

/// <summary>
/// <c>bioscope demo</c>: creates three creators with 400 days of traffic, once, prints how to view them, and runs the server.
/// </summary>
internal static class DemoCommand
{
    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var command = new Command(
            "demo", "Create three demo creators with 400 days of traffic (once), print their dashboards and passwords, and serve");
        command.SetAction(async (parse, cancellationToken) =>
        {
            var given = CommandLine.Given(parse, settings);
            Settings complete;
            await using (var context = await CommandContext.OpenOwnAsync(given, cancellationToken))
            {
                complete = context.Settings;
                await MakeAsync(context, cancellationToken);
                var logins = new DemoLogins(context.Main, complete);
                await logins.SetAsync(cancellationToken);
                Print(context, logins);
            }

            return await ServeCommand.RunAsync(given, complete, cancellationToken);
        });
        return command;
    }

    private static async Task MakeAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var data = new DemoData(context.Main, context.Analytics, context.Clock);
        if (await data.IsCompleteAsync(cancellationToken))
        {
            return;
        }

        Console.WriteLine(
            $"Creating demo data: {DemoCreators.All.Count} creators, {DemoCreators.Days} days, about {Text(DemoData.Sessions)} sessions …");
        using var progress = new ProgressLine("Creating demo data");
        try
        {
            await data.MakeAsync(stored => progress.Report($"{Text(stored)} of {Text(DemoData.Sessions)} sessions"), cancellationToken);
        }
        catch (CreatorConflictException e)
        {
            throw new CommandException(
                $"The demo creators cannot be added to these databases: {e.Message}. Run the demo in an empty folder.");
        }
    }

    private static void Print(CommandContext context, DemoLogins logins)
    {
        var url = context.Settings.Urls.Split(';')[0].TrimEnd('/') + context.Settings.PathBase;
        foreach (var creator in DemoCreators.All)
        {
            var token = Bearer.Issue(context.Settings, creator.UserId.ToString("D"), context.Clock.GetUtcNow(), TimeSpan.FromDays(30));
            Console.WriteLine();
            Console.WriteLine($"@{creator.Handle} – {creator.About}");
            Console.WriteLine($"dashboard {url}{DemoSignIn.AddressOf(creator, logins)}");
            Console.WriteLine($"e-mail {DemoLogins.EmailOf(creator)}, password {logins.PasswordOf(creator)}");
            Console.WriteLine($"{url}/@{creator.Handle}");
            Console.WriteLine($"curl '{url}/api/v1/creators/analytics/sources?days=30' -H 'Authorization: Bearer {token}'");
        }

        Console.WriteLine();
    }

    private static string Text(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
