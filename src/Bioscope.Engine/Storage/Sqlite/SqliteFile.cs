using Microsoft.Data.Sqlite;

namespace Bioscope.Engine.Storage.Sqlite;

/// <summary>A database file that is to be copied or put aside as a whole.</summary>
internal static class SqliteFile
{
    /// <summary>
    /// Folds the write-ahead log into the file, so that it is all there is. This needs the file alone, so it fails while a server has it open.
    /// </summary>
    /// <returns>Whether nobody has the file open. A file that is too damaged to be opened stays as it is.</returns>
    public static bool LeaveLog(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "-- leave log\nPRAGMA journal_mode = DELETE";
            command.ExecuteScalar();
            return true;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 5)
        {
            return false;
        }
        catch (SqliteException)
        {
            return true;
        }
    }
}
