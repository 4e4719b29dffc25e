using Peer.Protocol;

namespace Peer.Actors.Telemetry;

/// <summary>The managers of one application and role: those that live, and what those that have ended had counted.</summary>
internal sealed class BookGroup(string application, string role)
{
    private readonly HashSet<ManagerBook> _live = [];
    private readonly long[] _ended = new long[Catalogue.TotalSeries];
    private readonly Lock _lock = new();

    public string Application { get; } = application;

    public string Role { get; } = role;

    public void Enter(ManagerBook book)
    {
        lock (_lock)
            _live.Add(book);
    }

    public void Leave(ManagerBook book)
    {
        lock (_lock)
        {
            if (!_live.Remove(book))
                return;
            foreach (var series in Catalogue.Totals.SelectMany(quantity => quantity.Series))
                _ended[series.Place] += series.Read(book);
        }
    }

    public long Sum(Series series)
    {
        lock (_lock)
        {
            var sum = series.Place < 0 ? 0 : _ended[series.Place];
            foreach (var book in _live)
                sum += series.Read(book);
            return sum;
        }
    }

    public void Visit(Action<PeerStatistics> visit)
    {
        lock (_lock)
        {
            foreach (var book in _live)
                book.Visit(visit);
        }
    }

    public PeerTotals AddTo(PeerTotals totals)
    {
        int live;
        lock (_lock)
            live = _live.Count;
        var isServer = Role == "server";
        return totals with
        {
            Servers = totals.Servers + (isServer ? live : 0),
            Others = totals.Others + (isServer ? 0 : live),
            Connections = totals.Connections + Sum(Catalogue.Connections),
            Away = totals.Away + Sum(Catalogue.Away),
            Opened = totals.Opened + Sum(Catalogue.Opened),
            Refused = totals.Refused + Sum(Catalogue.Refusals),
            Interruptions = totals.Interruptions + Sum(Catalogue.Interruptions),
            Resumptions = totals.Resumptions + Sum(Catalogue.Resumptions),
            MessagesIn = totals.MessagesIn + Sum(Catalogue.MessagesIn),
            MessagesOut = totals.MessagesOut + Sum(Catalogue.MessagesOut),
            DatagramsIn = totals.DatagramsIn + Sum(Catalogue.DatagramsIn),
            DatagramsOut = totals.DatagramsOut + Sum(Catalogue.DatagramsOut),
            BytesIn = totals.BytesIn + Sum(Catalogue.BytesIn),
            BytesOut = totals.BytesOut + Sum(Catalogue.BytesOut),
            DatagramsLost = totals.DatagramsLost + Sum(Catalogue.Lost),
            QueuedBytes = totals.QueuedBytes + Sum(Catalogue.Queued),
        };
    }

    private long Sum(Quantity quantity) => quantity.Series.Sum(Sum);
}
