{{/* The restricted Pod Security Standard, of a pod. */}}
{{- define "virq.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* The restricted Pod Security Standard, of a container. */}}
{{- define "virq.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
capabilities:
  drop:
    - ALL
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* The volume with the tokens, of the server's pod and of the test's. */}}
{{- define "virq.tokensVolume" -}}
{{- with include "virq.tokensSecret" . -}}
- name: tokens
  secret:
    secretName: {{ . }}
    # For the group of the pod, which virq runs as.
    defaultMode: 288
    items:
      - key: {{ $.Values.access.tokens.key }}
        path: tokens
{{- end -}}
{{- end -}}

{{/* What is asked of the volume of the handover. */}}
{{- define "virq.handoverClaim" -}}
accessModes:
  - ReadWriteOnce
{{- with .Values.handover.storageClass }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .Values.handover.size | quote }}
{{- end -}}

{{/* The pod of the Deployment and of the StatefulSet. */}}
{{- define "virq.podTemplate" -}}
metadata:
  labels:
    {{- merge (include "virq.selectorLabels" . | fromYaml) (include "virq.commonLabels" . | fromYaml) .Values.podLabels .Values.labels | toYaml | nindent 4 }}
  annotations:
    kubectl.kubernetes.io/default-container: virq
    {{- if .Values.config }}
    checksum/config: {{ toYaml .Values.config | sha256sum }}
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "virq.serviceAccountName" . }}
  automountServiceAccountToken: false
  # A Service called virq would otherwise set VIRQ_PORT and the like, which Spring reads as settings of virq.
  enableServiceLinks: false
  securityContext:
    {{- include "virq.podSecurityContext" . | nindent 4 }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  containers:
    - name: virq
      image: {{ include "virq.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      securityContext:
        {{- include "virq.securityContext" . | nindent 8 }}
      ports:
        - name: http
          containerPort: 8080
          protocol: TCP
        - name: management
          containerPort: {{ .Values.management.port }}
          protocol: TCP
      env:
        - name: SERVER_ADDRESS
          value: "0.0.0.0"
        - name: SERVER_PORT
          value: "8080"
        - name: MANAGEMENT_SERVER_PORT
          value: {{ .Values.management.port | quote }}
        - name: VIRQ_NODE
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        - name: VIRQ_ACCESS_HOSTS
          value: {{ include "virq.hosts" . | quote }}
        {{- if include "virq.tokensSecret" . }}
        - name: VIRQ_ACCESS_TOKENS_FILE
          value: /etc/virq-tokens/tokens
        {{- end }}
        {{- if .Values.handover.enabled }}
        # Below the root of the volume, which has more in it on some file systems.
        - name: VIRQ_HANDOVER
          value: /var/lib/virq/handover
        {{- end }}
        {{- with .Values.javaOptions }}
        - name: JAVA_TOOL_OPTIONS
          value: {{ . | quote }}
        {{- end }}
        {{- if .Values.config }}
        - name: SPRING_CONFIG_ADDITIONAL_LOCATION
          value: file:/etc/virq/
        {{- end }}
        {{- range $name, $value := .Values.extraEnv }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      startupProbe:
        httpGet:
          path: /actuator/health/liveness
          port: management
        periodSeconds: {{ .Values.startupProbe.periodSeconds }}
        failureThreshold: {{ .Values.startupProbe.failureThreshold }}
        timeoutSeconds: 3
      livenessProbe:
        httpGet:
          path: /actuator/health/liveness
          port: management
        periodSeconds: {{ .Values.livenessProbe.periodSeconds }}
        timeoutSeconds: {{ .Values.livenessProbe.timeoutSeconds }}
        failureThreshold: {{ .Values.livenessProbe.failureThreshold }}
      readinessProbe:
        httpGet:
          path: /actuator/health/readiness
          port: management
        periodSeconds: {{ .Values.readinessProbe.periodSeconds }}
        timeoutSeconds: {{ .Values.readinessProbe.timeoutSeconds }}
        failureThreshold: {{ .Values.readinessProbe.failureThreshold }}
      {{- /* 1.29 knows the sleep action but has it switched off, and then refuses the pod. */}}
      {{- if and .Values.preStopSleepSeconds (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version) }}
      lifecycle:
        preStop:
          sleep:
            seconds: {{ .Values.preStopSleepSeconds }}
      {{- end }}
      resources:
        requests:
          cpu: {{ .Values.resources.requests.cpu | quote }}
          memory: {{ .Values.resources.requests.memory | quote }}
        limits:
          memory: {{ .Values.resources.limits.memory | quote }}
          {{- with .Values.resources.limits.cpu }}
          cpu: {{ . | quote }}
          {{- end }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- if .Values.config }}
        - name: config
          mountPath: /etc/virq
          readOnly: true
        {{- end }}
        {{- if include "virq.tokensSecret" . }}
        - name: tokens
          mountPath: /etc/virq-tokens
          readOnly: true
        {{- end }}
        {{- if .Values.handover.enabled }}
        - name: handover
          mountPath: /var/lib/virq
        {{- end }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 64Mi
    {{- if .Values.config }}
    - name: config
      configMap:
        name: {{ include "virq.fullname" . }}-config
    {{- end }}
    {{- include "virq.tokensVolume" . | nindent 4 }}
    {{- /* Pods of a StatefulSet have a claim each, under this name. */}}
    {{- if and .Values.handover.enabled (not (include "virq.hashed" .)) }}
    - name: handover
      persistentVolumeClaim:
        claimName: {{ default (printf "%s-handover" (include "virq.fullname" .)) .Values.handover.existingClaim }}
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
