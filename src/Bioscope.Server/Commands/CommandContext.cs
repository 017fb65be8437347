using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Commands;

/// <summary>What commands need: the settings with their secrets, and both databases.</summary>
internal sealed class CommandContext(Settings settings) : IAsyncDisposable
{
    public Settings Settings => settings;

    public MainDatabase Main { get; } = new(settings.MainConnection);

    public AnalyticsDatabase Analytics { get; } = new(settings.AnalyticsConnection);

    public TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>Opens both databases for writing, with this version's schema.</summary>
    /// <exception cref="CommandException">They belong to another service.</exception>
    public static async Task<CommandContext> OpenOwnAsync(IReadOnlyDictionary<string, string?> given, CancellationToken cancellationToken)
    {
        var settings = Settings.Load(given);
        if (settings.SharedOwnership)
        {
            throw new CommandException(
                "Storage:Ownership is 'shared': the databases belong to another service, so this command must not write to them. " +
                "Nothing was changed.");
        }

        DataFolder.Check(settings);
        var context = new CommandContext(Secrets.Complete(settings));
        await Migrator.MigrateAsync([context.Main, context.Analytics], context.Clock, cancellationToken);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        await Main.DisposeAsync();
        await Analytics.DisposeAsync();
    }
}
