/**
 * Checks of what runs virq in a cluster: the chart, the dashboard and the alerts.
 *
 * <p>Helm itself renders, as a native library; nothing here needs a cluster or a network.
 */
package dev.virq.deploy;
