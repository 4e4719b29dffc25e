using Akka.Actor;
using Akka.Event;

namespace Peer.Actors;

/// <summary>From a case to the manager: the hook's answer, or what it threw.</summary>
internal sealed record AdmissionDecided(Applicant Applicant, AdmissionVerdict? Verdict, Exception? Failure) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

/// <summary>Asks the admission hook about one newcomer, on a thread that is not the manager's, whatever the hook does with it.</summary>
internal sealed class AdmissionCase : UntypedActor
{
    private readonly IAdmission _hook;
    private readonly AdmissionRequest _request;
    private readonly Func<AdmissionVerdict?, Exception?, object> _decided;
    private readonly CancellationToken _overdue;

    public AdmissionCase(IAdmission hook, AdmissionRequest request, Func<AdmissionVerdict?, Exception?, object> decided, CancellationToken overdue)
    {
        _hook = hook;
        _request = request;
        _decided = decided;
        _overdue = overdue;
    }

    public static Props Props(IAdmission hook, AdmissionRequest request, Applicant applicant) =>
        Props(hook, request, (verdict, failure) => new AdmissionDecided(applicant, verdict, failure), applicant.Overdue.Token);

    /// <summary>The same about somebody who is no <see cref="Applicant"/>.</summary>
    public static Props Props(IAdmission hook, AdmissionRequest request, Func<AdmissionVerdict?, Exception?, object> decided, CancellationToken overdue) =>
        Producer<AdmissionCase>.Props(() => new AdmissionCase(hook, request, decided, overdue));

    protected override void PreStart()
    {
        try
        {
            var asked = _hook.DecideAsync(_request, _overdue);
            if (asked.IsCompletedSuccessfully)
                Context.Parent.Tell(Decided(asked.Result));
            else
                asked.AsTask().PipeTo(Context.Parent, Self, Decided, Failed);
        }
        catch (Exception e)
        {
            Context.Parent.Tell(Failed(e));
        }

        Context.Stop(Self);
    }

    protected override void OnReceive(object message) => Unhandled(message);

    private object Decided(AdmissionVerdict? verdict) => _decided(verdict, null);

    private object Failed(Exception failure) => _decided(null, failure);
}
