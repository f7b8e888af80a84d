{{/* Name of the chart's objects within a release. */}}
{{- define "virq.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* Name of the main objects: the release's, with the chart's name in it once. */}}
{{- define "virq.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := include "virq.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What pods are selected by. A Deployment's selector cannot be changed, so nothing is ever added here. */}}
{{- define "virq.selectorLabels" -}}
app.kubernetes.io/name: {{ include "virq.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end -}}

{{/* Labels of every object but the component. */}}
{{- define "virq.commonLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: {{ include "virq.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/part-of: virq
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/*
The metadata of an object. Takes a dict: root, name, and as wanted component, labels, annotations. The
chart's own labels go before the object's, and those before the ones for every object.
*/}}
{{- define "virq.metadata" -}}
{{- $own := merge (dict "app.kubernetes.io/component" (default "server" .component)) (include "virq.commonLabels" .root | fromYaml) -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- merge $own (default dict .labels) .root.Values.labels | toYaml | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "virq.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "virq.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "virq.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* Not empty when requests are hashed over several instances. */}}
{{- define "virq.hashed" -}}
{{- if eq .Values.routing.mode "consistentHash" -}}true{{- end -}}
{{- end -}}

{{/* Name of the Secret with the tokens; empty when there are none. */}}
{{- define "virq.tokensSecret" -}}
{{- if .Values.access.tokens.existingSecret -}}
{{- .Values.access.tokens.existingSecret -}}
{{- else if .Values.access.tokens.value -}}
{{- printf "%s-tokens" (include "virq.fullname" .) -}}
{{- end -}}
{{- end -}}

{{/* Every name that leads to the pods, with commas between. Names without a dot are answered anyway. */}}
{{- define "virq.hosts" -}}
{{- $hosts := list -}}
{{- $services := list (include "virq.fullname" .) (printf "%s-management" (include "virq.fullname" .)) -}}
{{- if include "virq.hashed" . -}}
{{- $services = append $services (printf "*.%s-nodes" (include "virq.fullname" .)) -}}
{{- end -}}
{{- range $services -}}
{{- if hasPrefix "*" . -}}
{{- $hosts = append $hosts . -}}
{{- end -}}
{{- $in := printf "%s.%s" . $.Release.Namespace -}}
{{- $hosts = concat $hosts (list $in (printf "%s.svc" $in) (printf "%s.svc.cluster.local" $in)) -}}
{{- end -}}
{{- if .Values.ingress.enabled -}}
{{- $hosts = concat $hosts (default (list "*") .Values.ingress.hosts) -}}
{{- end -}}
{{- if or .Values.httpRoute.enabled (include "virq.hashed" .) -}}
{{- $hosts = concat $hosts (default (list "*") .Values.httpRoute.hostnames) -}}
{{- end -}}
{{- concat $hosts .Values.access.hosts | uniq | join "," -}}
{{- end -}}

{{/* Not empty when the chart brings the gateway that hashes. */}}
{{- define "virq.haproxy" -}}
{{- if and (include "virq.hashed" .) (eq .Values.routing.gateway "haproxy") -}}true{{- end -}}
{{- end -}}

{{/* What the pods of that gateway are selected by. */}}
{{- define "virq.gatewayLabels" -}}
app.kubernetes.io/name: {{ include "virq.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: gateway
{{- end -}}

{{/* Fails with a sentence where the cluster does not know an API. Takes a dict: root, api, value. */}}
{{- define "virq.requireApi" -}}
{{- if not (or (.root.Capabilities.APIVersions.Has .api) (has .api .root.Values.assumeApiVersions)) -}}
{{- fail (printf "%s needs the API %s, which this cluster does not have. Install it first; where templates are rendered without a cluster, add it to assumeApiVersions." .value .api) -}}
{{- end -}}
{{- end -}}

{{/* What no schema can say: values that do not go together. */}}
{{- define "virq.validate" -}}
{{- if and (gt (int .Values.replicas) 1) (not (include "virq.hashed" .)) -}}
{{- fail (printf "replicas is %d, but a sandbox lives in the one instance that made it: with more than one, set routing.mode to consistentHash, so that a gateway sends each sandbox's requests to its instance." (int .Values.replicas)) -}}
{{- end -}}
{{- if and (or (and (include "virq.hashed" .) (not (include "virq.haproxy" .))) .Values.httpRoute.enabled) (not .Values.httpRoute.parentRefs) -}}
{{- fail "A route needs a Gateway to attach to: set httpRoute.parentRefs, for example [{name: my-gateway}]." -}}
{{- end -}}
{{- if and (include "virq.hashed" .) (not (include "virq.haproxy" .)) .Values.ingress.enabled -}}
{{- fail "ingress.enabled does not go with routing.mode consistentHash: an Ingress would spread the requests of one sandbox over all instances. Use the route that consistentHash makes." -}}
{{- end -}}
{{- if and .Values.access.tokens.existingSecret .Values.access.tokens.value -}}
{{- fail "access.tokens.existingSecret and access.tokens.value are both set: keep one." -}}
{{- end -}}
{{- if and .Values.handover.enabled .Values.handover.existingClaim (include "virq.hashed" .) -}}
{{- fail "handover.existingClaim does not go with routing.mode consistentHash: each pod has a claim of its own there, which the chart makes. Leave it empty." -}}
{{- end -}}
{{- $outside := "" -}}
{{- if ne .Values.service.type "ClusterIP" -}}
{{- $outside = printf "service.type %s" .Values.service.type -}}
{{- else if .Values.ingress.enabled -}}
{{- $outside = "ingress.enabled" -}}
{{- else if and (include "virq.hashed" .) (not (include "virq.haproxy" .)) -}}
{{- $outside = "routing.mode consistentHash" -}}
{{- else if .Values.httpRoute.enabled -}}
{{- $outside = "httpRoute.enabled" -}}
{{- end -}}
{{- if and $outside .Values.networkPolicy.enabled (eq (toJson .Values.networkPolicy.apiFrom) `[{"podSelector":{}}]`) -}}
{{- fail (printf "networkPolicy.apiFrom lets in the pods of this namespace only, but with %s requests come from elsewhere: set it to whoever sends them, such as [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateways}}}], or to [] for everybody." $outside) -}}
{{- end -}}
{{- if eq (int .Values.management.port) 8080 -}}
{{- fail "management.port is 8080, where the API listens: health and metrics need a port of their own." -}}
{{- end -}}
{{- end -}}
