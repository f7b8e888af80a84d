package dev.virq.deploy;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import java.util.Map;

/**
 * Types of the custom resources that the chart renders: of each only the members that it uses,
 * spelt as their definitions spell them. A member that is not here is an error.
 */
final class CustomTypes {
  private CustomTypes() {}

  /** Of the Prometheus operator. */
  record ServiceMonitor(String apiVersion, String kind, ObjectMeta metadata, MonitorSpec spec) {
    record MonitorSpec(LabelSelector selector, List<Endpoint> endpoints) {}

    record Endpoint(String port, String path, String interval) {}
  }

  /** Of the Prometheus operator. */
  record PrometheusRule(String apiVersion, String kind, ObjectMeta metadata, RuleFile spec) {}

  /** The content of a file of rules. */
  record RuleFile(List<Group> groups) {
    record Group(String name, List<Rule> rules) {}
  }

  /** One alert. */
  record Rule(
      @JsonProperty("for") String pending,
      String alert,
      String expr,
      Map<String, String> labels,
      Map<String, String> annotations) {}

  /** Of Envoy Gateway. */
  record BackendTrafficPolicy(
      String apiVersion, String kind, ObjectMeta metadata, PolicySpec spec) {
    record PolicySpec(List<Target> targetRefs, PolicyLoadBalancer loadBalancer) {}

    record Target(String group, String kind, String name) {}

    record PolicyLoadBalancer(String type, PolicyHash consistentHash) {}

    record PolicyHash(String type, Header header) {}

    record Header(String name) {}
  }

  /** Of Istio. */
  record DestinationRule(String apiVersion, String kind, ObjectMeta metadata, RuleSpec spec) {
    record RuleSpec(String host, TrafficPolicy trafficPolicy) {}

    record TrafficPolicy(RuleLoadBalancer loadBalancer) {}

    record RuleLoadBalancer(RuleHash consistentHash) {}

    record RuleHash(String httpHeaderName) {}
  }
}
