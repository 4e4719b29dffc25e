namespace Peer.Actors.Facade;

/// <summary>Stands between an inbox and its reader, so that a debugger of whole worlds may see what is read, and hold it back. There is none in production.</summary>
internal interface IInboxGate
{
    /// <summary>False: the reader sees an empty inbox.</summary>
    bool IsOpen { get; }

    /// <summary>The reader took an item.</summary>
    void Taken(in InboxItem item);
}
