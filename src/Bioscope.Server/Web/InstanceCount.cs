namespace Bioscope.Server.Web;

/// <summary>How many servers run on the main database, this one included, as its last look found.</summary>
internal sealed class InstanceCount
{
    private volatile int _value = 1;

    public int Value
    {
        get => _value;
        set => _value = Math.Max(1, value);
    }
}
