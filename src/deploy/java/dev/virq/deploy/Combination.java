package dev.virq.deploy;

/** The combinations of values that differ in what is rendered. */
enum Combination {
  DEFAULTS(""),

  /** Everything that one instance can have at once. */
  EVERYTHING(
      """
      image: {digest: "sha256:%s"}
      imagePullSecrets: [{name: registry}]
      config: {workers: 2, cors: {allowedOrigins: ["https://lab.example"]}}
      access: {hosts: ["*.lab.example"], tokens: {value: "a-token-of-24-characters-"}}
      handover: {enabled: true, size: 512Mi, storageClass: fast}
      extraEnv: {LOGGING_LEVEL_DEV_VIRQ: DEBUG}
      resources: {limits: {cpu: "2"}}
      service: {type: LoadBalancer, port: 80, labels: {team: kernel}, annotations: {a: b}}
      management: {port: 9000, labels: {team: kernel}, annotations: {a: b}}
      serviceAccount: {labels: {team: kernel}, annotations: {a: b}}
      labels: {team: virt}
      podLabels: {team: pods}
      podAnnotations: {a: b}
      nodeSelector: {kubernetes.io/os: linux}
      tolerations: [{key: lab, operator: Exists, effect: NoSchedule}]
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 1
              podAffinityTerm:
                topologyKey: kubernetes.io/hostname
                labelSelector: {matchLabels: {app.kubernetes.io/name: virq}}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: {matchLabels: {app.kubernetes.io/name: virq}}
      priorityClassName: low
      podDisruptionBudget: {enabled: true}
      networkPolicy:
        enabled: true
        apiFrom: [{namespaceSelector: {}}]
        managementFrom: [{namespaceSelector: {matchLabels: {name: monitoring}}}]
      httpRoute:
        enabled: true
        parentRefs: [{name: gateway, namespace: infra, sectionName: https, port: 443}]
        hostnames: [virq.example]
        labels: {team: kernel}
        annotations: {a: b}
      ingress:
        enabled: true
        className: nginx
        hosts: [virq.example, irq.example]
        tls: [{secretName: certificate, hosts: [virq.example]}]
        labels: {team: kernel}
      serviceMonitor: {enabled: true, labels: {release: prometheus}}
      prometheusRule: {enabled: true, labels: {release: prometheus}}
      dashboard: {enabled: true, annotations: {grafana_folder: Kernel}}
      assumeApiVersions: [gateway.networking.k8s.io/v1, monitoring.coreos.com/v1]
      """
          .formatted("0".repeat(64))),

  /** Everything optional, as little of it as possible. */
  OPEN(
      """
      javaOptions: ""
      preStopSleepSeconds: 0
      serviceAccount: {create: false}
      networkPolicy: {apiFrom: [], managementFrom: []}
      access: {tokens: {existingSecret: tokens-of-the-lab, key: file}}
      handover: {enabled: true, existingClaim: volume-of-the-lab}
      ingress: {enabled: true, annotations: {}}
      nameOverride: irq
      """),

  HASHED_BY_HAPROXY(
      """
      replicas: 4
      routing: {mode: consistentHash, gateway: haproxy}
      handover: {enabled: true}
      networkPolicy:
        enabled: true
        apiFrom: [{namespaceSelector: {}}]
        managementFrom: [{namespaceSelector: {matchLabels: {name: monitoring}}}]
      ingress: {enabled: true}
      """),

  HASHED_BY_ENVOY_GATEWAY(
      """
      replicas: 3
      routing: {mode: consistentHash}
      httpRoute: {parentRefs: [{name: gateway}], hostnames: [virq.example]}
      podDisruptionBudget: {enabled: true}
      networkPolicy: {apiFrom: [{namespaceSelector: {matchLabels: {name: gateways}}}]}
      serviceMonitor: {enabled: true}
      config: {workers: 2}
      assumeApiVersions:
        - gateway.networking.k8s.io/v1
        - gateway.envoyproxy.io/v1alpha1
        - monitoring.coreos.com/v1
      """),

  HASHED_BY_ISTIO(
      """
      replicas: 3
      routing: {mode: consistentHash, gateway: istio}
      httpRoute: {parentRefs: [{name: gateway}]}
      networkPolicy: {enabled: false}
      fullnameOverride: irq
      assumeApiVersions: [gateway.networking.k8s.io/v1, networking.istio.io/v1]
      """);

  private final String values;

  Combination(String values) {
    this.values = values;
  }

  /** The values, in YAML. */
  String yaml() {
    return values;
  }
}
