/**
 * The live comparison: scripts run on the real {@code /dev/kvm} and on virq, operation by
 * operation.
 *
 * <p>{@link dev.virq.live.LiveRunner} carries out a script on the kernel of this machine by
 * ordinary calls of KVM and eventfd(2), {@link dev.virq.live.ScriptGenerator} writes scripts from a
 * seed, {@link dev.virq.live.Comparison} runs both sides and shrinks a difference.
 */
package dev.virq.live;
