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
    private readonly Applicant _applicant;
    private readonly CancellationToken _overdue;

    public AdmissionCase(IAdmission hook, AdmissionRequest request, Applicant applicant)
    {
        _hook = hook;
        _request = request;
        _applicant = applicant;
        _overdue = applicant.Overdue.Token;
    }

    public static Props Props(IAdmission hook, AdmissionRequest request, Applicant applicant) =>
        Producer<AdmissionCase>.Props(() => new AdmissionCase(hook, request, applicant));

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

    private AdmissionDecided Decided(AdmissionVerdict? verdict) => new(_applicant, verdict, null);

    private AdmissionDecided Failed(Exception failure) => new(_applicant, null, failure);
}
