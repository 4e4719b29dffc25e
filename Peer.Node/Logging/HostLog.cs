using Microsoft.Extensions.Logging;

namespace Peer.Node.Logging;

/// <summary>What the web server has to say, in the words and in the place of everything else.</summary>
internal sealed class HostLog(bool json) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Category(categoryName, json);

    public void Dispose()
    {
    }

    private sealed class Category(string name, bool json) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // What keeps it from starting the command says, in one line.
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && name != "Microsoft.Extensions.Hosting.Internal.Host";

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var level = logLevel == LogLevel.Warning ? "warning" : "error";
            var message = formatter(state, exception);
            Console.Error.WriteLine(json ? LogLine.Json(DateTimeOffset.UtcNow, level, name, message, exception) : LogLine.Text(level, message, exception));
        }
    }
}
