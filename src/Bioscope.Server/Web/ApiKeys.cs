using System.Data.Common;
using System.Net;
using System.Security.Claims;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Web;

/// <summary>
/// The API keys. A key is read for every request that needs one: a removed key is refused at once, on every instance. Statements about a
/// page's keys name the page, so that no id of another page acts. No key opens the page of a suspended creator.
/// </summary>
internal sealed class ApiKeys(MainDatabase main, SuspendedCreators suspended, TimeProvider clock)
{
    private static readonly TimeSpan UsedEvery = TimeSpan.FromMinutes(1);

    private const string Columns = """ "id", "name", "scope", "bioPageId", "createdAt", "usedAt" """;

    private const string FindSql = $"""
        -- find key
        SELECT {Columns} FROM "ApiKey" WHERE "hash" = @hash
        """;

    // Of simultaneous requests one writes.
    private const string UsedSql = """
        -- key used
        UPDATE "ApiKey" SET "usedAt" = @now WHERE "id" = @id AND ("usedAt" IS NULL OR "usedAt" = @known)
        """;

    private const string AddSql = """
        -- add key
        INSERT INTO "ApiKey" ("id", "hash", "name", "scope", "bioPageId", "createdAt") VALUES (@id, @hash, @name, @scope, @page, @now)
        """;

    private const string ListSql = $"""
        -- keys of page
        SELECT {Columns} FROM "ApiKey" WHERE "bioPageId" = @page ORDER BY "createdAt", "id"
        """;

    private const string ListAllSql = $"""
        -- all keys
        SELECT {Columns} FROM "ApiKey" ORDER BY "createdAt", "id"
        """;

    private const string RemoveSql = """
        -- remove key of page
        DELETE FROM "ApiKey" WHERE "id" = @id AND "bioPageId" = @page
        """;

    private const string RemoveAnySql = """
        -- remove key
        DELETE FROM "ApiKey" WHERE "id" = @id
        """;

    /// <summary>Makes the request act for its key, if the key is valid and the route asks for one.</summary>
    /// <param name="http">The request.</param>
    /// <param name="authorization">Its header, which is meant to be a key.</param>
    public async Task SignInAsync(HttpContext http, string authorization)
    {
        if (KeyAccess.IsAsked(http) && KeyText.Read(authorization) is { } text && await FindAsync(text, http.RequestAborted) is { } key)
        {
            http.User = new ClaimsPrincipal(new KeyIdentity(key, VisitorOf(http, key)));
        }
    }

    /// <summary>Whether a key may act for a page: it is for it, and the page's creator is not suspended.</summary>
    public async ValueTask<bool> OpensAsync(ApiKey key, Guid page, CancellationToken cancellationToken) =>
        key.IsFor(page) && !await suspended.HasPageAsync(page, cancellationToken);

    /// <summary>The key, which is noted as used; null for one that is unknown or was removed, or whose page it does not open.</summary>
    public async Task<ApiKey?> FindAsync(KeyText text, CancellationToken cancellationToken)
    {
        var found = await main.QueryAsync(FindSql, row => Of(main.Dialect, row), cancellationToken, ("@hash", text.Hash));
        if (found is not [var key] || (key.BioPageId is { } own && !await OpensAsync(key, own, cancellationToken)))
        {
            return null;
        }

        var now = clock.GetUtcNow();
        if (key.UsedAt is not { } usedAt || (now - usedAt).Duration() >= UsedEvery)
        {
            await main.ExecuteAsync(UsedSql, cancellationToken, ("@id", key.Id), ("@now", now), ("@known", key.UsedAt));
        }

        return key;
    }

    /// <summary>The page's keys, oldest first.</summary>
    public Task<List<ApiKey>> ReadAsync(Guid page, CancellationToken cancellationToken) =>
        main.QueryAsync(ListSql, row => Of(main.Dialect, row), cancellationToken, ("@page", page));

    /// <summary>All keys of this server, oldest first.</summary>
    public Task<List<ApiKey>> ReadAllAsync(CancellationToken cancellationToken) =>
        main.QueryAsync(ListAllSql, row => Of(main.Dialect, row), cancellationToken);

    /// <summary>Adds a key of a page, within a transaction that excludes other edits of the page.</summary>
    /// <returns>The key, and the text that is its secret; null when the page has as many keys as it may.</returns>
    public async Task<(ApiKey Key, KeyText Text)?> AddAsync(
        DbTransaction transaction, string name, string scope, Guid page, CancellationToken cancellationToken)
    {
        var known = await main.Dialect.QueryAsync(transaction, ListSql, _ => true, cancellationToken, ("@page", page));
        if (known.Count >= ApiKey.Max)
        {
            return null;
        }

        var (key, text, values) = New(name, scope, page);
        await main.Dialect.ExecuteAsync(transaction, AddSql, cancellationToken, values);
        return (key, text);
    }

    /// <summary>Adds a key of the operator's, for one page or all.</summary>
    /// <returns>The key, and the text that is its secret.</returns>
    public async Task<(ApiKey Key, KeyText Text)> AddAsync(string name, string scope, Guid? page, CancellationToken cancellationToken)
    {
        var (key, text, values) = New(name, scope, page);
        await main.ExecuteAsync(AddSql, cancellationToken, values);
        return (key, text);
    }

    /// <summary>Removes one of the page's keys.</summary>
    /// <returns>False when the page does not have it.</returns>
    public async Task<bool> RemoveAsync(Guid page, Guid id, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(RemoveSql, cancellationToken, ("@id", id), ("@page", page)) == 1;

    /// <summary>Removes a key, whosever it is.</summary>
    /// <returns>False when there is no such key.</returns>
    public async Task<bool> RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        await main.ExecuteAsync(RemoveAnySql, cancellationToken, ("@id", id)) == 1;

    private (ApiKey Key, KeyText Text, (string, object?)[] Values) New(string name, string scope, Guid? page)
    {
        var (now, text) = (clock.GetUtcNow(), KeyText.New());
        var key = new ApiKey(Guid.CreateVersion7(now), name, scope, page, now, null);
        return (key, text, [("@id", key.Id), ("@hash", text.Hash), ("@name", name), ("@scope", scope), ("@page", page), ("@now", now)]);
    }

    private static ApiKey Of(SqlDialect dialect, DbDataReader row) => new(
        dialect.ReadGuid(row, 0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : dialect.ReadGuid(row, 3),
        dialect.ReadInstant(row, 4), row.IsDBNull(5) ? null : dialect.ReadInstant(row, 5));

    private static IPAddress? VisitorOf(HttpContext http, ApiKey key) =>
        KeyAccess.Allows(http, key) && key.Scope == KeyScope.Ingest && http.Request.Headers[KeyAccess.VisitorHeader] is [{ } address]
            ? ClientAddress.Parse(address)
            : null;
}
