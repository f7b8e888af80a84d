package dev.virq.explore;

import java.util.List;

/**
 * What one run showed.
 *
 * @param outcome what was observed, as one line
 * @param violated the expectations that did not hold, {@code never KIND} for reports
 * @param reports what must never happen, and did
 * @param choices the places chosen, one a decision
 * @param preemptions how often a thread that could have gone on did not
 * @param steps choice points
 * @param fits whether the run had every choice that its schedule has
 * @param story who did what, in order; empty unless it was watched closely
 */
@SuppressWarnings("ArrayRecordComponent") // handed on and never changed
record Played(
    String outcome,
    List<String> violated,
    List<Report> reports,
    int[] choices,
    int preemptions,
    int steps,
    boolean fits,
    List<String> story) {}
